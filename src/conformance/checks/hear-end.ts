import { Deviation } from "../deviation.ts";
import { answered } from "../expectations.ts";
import type { WaitTimeout } from "../operations-caller.ts";
import type { SeenOperation } from "../seen-operation.ts";
import type { World } from "../world.ts";

/** What a waiter has heard, and how long after a Get could have told it. */
export interface Heard {
  readonly operation: SeenOperation;
  readonly lateMs: number;
}

/** A server may answer a wait early: so often it is asked again. */
const MOST_WAITS = 100;
/** A server that answers every wait at once is not asked more often than that. */
const SHORTEST_TURN_MS = 100;

/** Waits until the operation is done, and again where the server answers early, while Get is asked beside it. */
export async function hearEnd(world: World, name: string, timeout: WaitTimeout | undefined): Promise<Heard> {
  const endedMs = world.once(`end of ${name}`, async () => {
    await world.untilDone(name);
    return world.clock.monotonicMs();
  });
  // Whoever waits looks at it, whatever comes first.
  endedMs.catch(() => {});
  for (let waits = 0; waits < MOST_WAITS; waits++) {
    const answer = await world.caller.wait(name, timeout);
    const operation = answered(answer, "Wait for an operation that ends");
    const heardMs = world.clock.monotonicMs();
    if (operation.done) return { operation, lateMs: heardMs - (await endedMs) };
    await world.pause(Math.max(0, SHORTEST_TURN_MS - answer.tookMs));
  }
  await endedMs;
  throw new Deviation(`done: false at each of ${MOST_WAITS} waits`, "done: true once Get has it");
}
