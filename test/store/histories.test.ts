import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StoredOperation } from "../../src/operation/stored-operation.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import type { OperationStore } from "../../src/store/operation-store.ts";
import { running } from "../../src/testing/store-contract/sample-operations.ts";
import { isLinearizable, type RecordedCall } from "./linearizability.ts";
import {
  type Answer,
  type Command,
  EXPIRE_TIME_MS,
  operationModel,
  perform,
  type Sight,
} from "./operation-model.ts";
import { type Delay, SlowStore } from "./slow-store.ts";

type Call = RecordedCall<Command, Answer>;
type History = readonly Call[];

const NAME = "operations/a";

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ call: fc.constantFrom("succeed", "fail", "report"), tag: fc.nat(99) }),
  },
  { weight: 3, arbitrary: fc.record({ call: fc.constantFrom("requestCancel", "get") }) },
  { weight: 1, arbitrary: fc.record({ call: fc.constant("delete") }) },
  {
    weight: 1,
    arbitrary: fc.record({
      call: fc.constant("deleteExpired"),
      nowMs: fc.constantFrom(EXPIRE_TIME_MS - 1, EXPIRE_TIME_MS),
    }),
  },
);
const clients = fc.array(fc.array(command, { minLength: 1, maxLength: 5 }), { minLength: 2, maxLength: 5 });

/** What clients at once, each one call after another, were answered where one operation runs at first. */
async function record(store: OperationStore, delay: Delay, clients: readonly Command[][]): Promise<History> {
  const slow = new SlowStore(store, delay);
  const history: Call[] = [];
  let moment = 0;
  await store.insert(running("a"));
  await Promise.all(
    clients.map(async (commands) => {
      for (const input of commands) {
        const startedAt = moment++;
        const answer = await perform(slow, NAME, input);
        history.push({ input, answer, startedAt, answeredAt: moment++ });
      }
    }),
  );
  return history;
}

/** Whether something holds for the histories of random clients in random schedules. */
async function check(open: () => OperationStore, holds: (history: History) => boolean) {
  const property = fc.asyncProperty(fc.scheduler(), clients, async (scheduler, clients) => {
    const delay: Delay = (label) => scheduler.schedule(Promise.resolve(), label);
    return holds(await scheduler.waitFor(record(open(), delay, clients)));
  });
  return fc.check(property, { numRuns: 1_000 });
}

async function assertAlways(holds: (history: History) => boolean): Promise<void> {
  const { failed, counterexample } = await check(() => new MemoryStore(), holds);
  expect(failed, fc.stringify(counterexample)).toBe(false);
}

/** What a call shows of the operation at its answer, or undefined where it shows nothing. */
function sight({ input, answer }: Call): Sight | undefined {
  if (typeof answer === "object") return answer;
  return input.call === "delete" || answer === 1 ? null : undefined;
}

const isLinear = (history: History) => isLinearizable(history, operationModel);

function outcomeSeen(call: Call): string | null {
  return sight(call)?.outcome ?? null;
}

/** Whether something holds for each two calls of which the first was answered before the second started. */
function everyPair(history: History, holds: (earlier: Call, later: Call) => boolean): boolean {
  return history.every((earlier) =>
    history.every((later) => later.startedAt < earlier.answeredAt || holds(earlier, later)),
  );
}

describe("operations under concurrent calls", () => {
  it("answer as if the calls came one after another", async () => {
    await assertAlways(isLinear);
  });

  it("are never seen running once they were seen done", async () => {
    await assertAlways((history) =>
      everyPair(history, (earlier, later) => {
        if (outcomeSeen(earlier) === null && earlier.answer !== "done already") return true;
        const seen = sight(later);
        return seen === undefined || seen === null || seen.outcome !== null;
      }),
    );
  });

  it("never change once they are done", async () => {
    await assertAlways((history) => {
      const seen = history.filter((call) => outcomeSeen(call) !== null).map(sight);
      return new Set(seen.map((done) => JSON.stringify(done))).size <= 1;
    });
  });

  it("are completed by one at most of those who try", async () => {
    await assertAlways((history) => {
      const completions = history.filter(({ input }) => input.call === "succeed" || input.call === "fail");
      return completions.filter((call) => outcomeSeen(call) !== null).length <= 1;
    });
  });

  it("are completed by one of those who try, where nobody deletes", async () => {
    await assertAlways((history) => {
      if (history.some(({ input }) => input.call.startsWith("delete"))) return true;
      const completions = history.filter(({ input }) => input.call === "succeed" || input.call === "fail");
      return completions.length === 0 || completions.some((call) => outcomeSeen(call) !== null);
    });
  });

  it("are not seen again once they were deleted", async () => {
    await assertAlways((history) =>
      everyPair(history, (earlier, later) => sight(earlier) !== null || !sight(later)),
    );
  });
});

/** Swaps in whatever comes, whatever is kept: the last writer wins. */
class ForgetfulStore extends MemoryStore {
  override async replace(next: StoredOperation): Promise<boolean> {
    const kept = await this.get(next.name);
    return kept !== undefined && super.replace({ ...next, revision: kept.revision + 1 });
  }
}

/** Reads what was kept before the last change, as a replica does that lags behind. */
class LaggingStore extends MemoryStore {
  #before: StoredOperation | undefined = running("a");

  override async replace(next: StoredOperation): Promise<boolean> {
    this.#before = await super.get(next.name);
    return super.replace(next);
  }

  override async get(name: string): Promise<StoredOperation | undefined> {
    const kept = await super.get(name);
    return kept?.message.done ? this.#before : kept;
  }
}

/** Keeps what it is told to delete. */
class UndeletingStore extends MemoryStore {
  override async delete(name: string): Promise<boolean> {
    return (await this.get(name)) !== undefined;
  }
}

describe("the check of histories", () => {
  it.each([
    { name: "forgets what others changed", Faulty: ForgetfulStore },
    { name: "lags behind", Faulty: LaggingStore },
    { name: "keeps what was deleted", Faulty: UndeletingStore },
  ])("catches a store that $name", async ({ Faulty }) => {
    const { errorInstance } = await check(() => new Faulty(), isLinear);
    expect(errorInstance).toEqual(new Error("Property failed by returning false"));
  });
});
