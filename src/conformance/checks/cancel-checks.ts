import { Code } from "@connectrpc/connect";
import { shownRefusal } from "../answer.ts";
import type { Check } from "../check.ts";
import { Deviation, NotApplicable } from "../deviation.ts";
import { answered, expectRefusal } from "../expectations.ts";
import { type SeenOperation, shownOperation, stateOf } from "../seen-operation.ts";
import { operationsProto } from "../source.ts";
import { expectSo, type World } from "../world.ts";
import { notFoundSource } from "./state-checks.ts";

const cancel = (sentence: string) => operationsProto("Operations.CancelOperation", sentence);

const successSource = cancel(
  "On successful cancellation, the operation is not deleted; instead, it becomes an operation with an Operation.error value with a google.rpc.Status.code of `1`, corresponding to `Code.CANCELLED`.",
);
const effortSource = cancel(
  "The server makes a best effort to cancel the operation, but success is not guaranteed.",
);
const completedSource = cancel(
  "Clients can use Operations.GetOperation or other methods to check whether the cancellation succeeded or whether the operation completed despite cancellation.",
);

/** A cancel that has had no effect by then is taken for one that has none. */
const EFFECT_MS = 10_000;

/** What became of an operation that was cancelled. */
interface Cancelled {
  readonly name: string;
  readonly seen: SeenOperation;
}

function cancelled(world: World): Promise<Cancelled> {
  return world.once("cancelled operation", async () => {
    const name = await world.start("lasts");
    const answer = await world.caller.cancel(name);
    if (!answer.ok) throw new NotApplicable(`the cancel was refused: ${shownRefusal(answer.refusal)}`);
    try {
      return { name, seen: await world.untilDone(name, Math.min(world.patienceMs, EFFECT_MS)) };
    } catch (error) {
      if (error instanceof Deviation)
        throw new Deviation(`after the cancel, ${error.saw}`, "an operation that stays");
      throw new NotApplicable(
        `${error instanceof Error ? error.message : error}, and no cancel is promised to succeed`,
      );
    }
  });
}

export const cancelChecks: readonly Check[] = [
  {
    id: "cancel/unknown-name-is-not-found",
    sentence: "Cancel of a name that no operation has answers NOT_FOUND",
    level: "must",
    source: notFoundSource,
    needs: ["cancel"],
    async ask(world) {
      const answer = await world.caller.cancel(await world.unknownName());
      expectRefusal(answer, "Cancel of an unknown name", Code.NotFound);
    },
  },
  {
    id: "cancel/is-accepted",
    sentence: "Cancel of an operation that runs answers OK",
    level: "must",
    source: cancel("Starts asynchronous cancellation on a long-running operation."),
    needs: ["cancel", "lasts"],
    async ask(world) {
      answered(await world.caller.cancel(await world.start("lasts")), "Cancel of an operation that runs");
    },
  },
  {
    id: "cancel/ends-as-cancelled",
    sentence: "An operation that was cancelled stays, and ends with code 1 (CANCELLED)",
    level: "must",
    source: successSource,
    needs: ["cancel", "lasts"],
    async ask(world) {
      const { seen } = await cancelled(world);
      if (seen.response !== undefined && seen.error === undefined) {
        throw new NotApplicable("the operation completed despite the cancel, which it may");
      }
      expectSo(seen.error?.code === Code.Canceled, shownOperation(seen), "error 1");
    },
  },
  {
    id: "cancel/again-is-no-error",
    sentence: "A second cancel answers OK",
    level: "should",
    source: effortSource,
    needs: ["cancel", "lasts"],
    async ask(world) {
      const name = await world.start("lasts");
      const first = await world.caller.cancel(name);
      if (!first.ok)
        throw new NotApplicable("the first cancel was refused; cancel/is-accepted tells of that");
      answered(await world.caller.cancel(name), "a second Cancel");
    },
  },
  {
    id: "cancel/of-a-done-one-is-no-error",
    sentence: "Cancel of an operation that is done answers OK",
    level: "should",
    source: effortSource,
    needs: ["cancel", "succeeds"],
    async ask(world) {
      const { name } = await world.untilDone(await world.start("succeeds"));
      answered(await world.caller.cancel(name), "Cancel of an operation that is done");
    },
  },
  {
    id: "cancel/leaves-a-done-one-alone",
    sentence: "Cancel changes nothing about an operation that is done",
    level: "must",
    source: completedSource,
    needs: ["cancel", "succeeds"],
    async ask(world) {
      const before = await world.untilDone(await world.start("succeeds"));
      await world.caller.cancel(before.name);
      const after = answered(await world.caller.get(before.name), "Get after a Cancel of a done operation");
      const saw = `${shownOperation(before)}, and after the cancel ${shownOperation(after)}`;
      expectSo(stateOf(after) === stateOf(before), saw, "the same, metadata included");
    },
  },
  {
    id: "cancel/wakes-those-who-wait",
    sentence: "Wait answers when the operation has been cancelled",
    level: "must",
    source: operationsProto(
      "Operations.WaitOperation",
      "Waits until the specified long-running operation is done or reaches at most a specified timeout, returning the latest state.",
    ),
    isTimed: true,
    needs: ["cancel", "wait", "lasts"],
    async ask(world) {
      // Where a cancel has no effect, there is nothing to be woken by.
      await cancelled(world);
      const name = await world.start("lasts");
      const waiting = world.caller.wait(name, { seconds: 20n, nanos: 0 });
      await world.pause(200);
      answered(await world.caller.cancel(name), "Cancel of an operation that runs");
      const cancelledMs = world.clock.monotonicMs();
      await world.untilDone(name);
      const doneMs = world.clock.monotonicMs() - cancelledMs;
      const answer = await waiting;
      const lateMs = world.clock.monotonicMs() - cancelledMs - doneMs;
      answered(answer, "Wait for an operation that is cancelled");
      expectSo(
        lateMs <= 1_000,
        `an answer ${Math.round(lateMs)} ms after Get had the end`,
        "one within a second",
      );
    },
  },
];
