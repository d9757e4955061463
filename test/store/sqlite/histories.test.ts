import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { StoredOperation } from "../../../src/operation/stored-operation.ts";
import type { OperationStore } from "../../../src/store/operation-store.ts";
import type { SqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import { running } from "../../../src/testing/store-contract/sample-operations.ts";
import { isLinearizable, type RecordedCall } from "../linearizability.ts";
import { openEmptySqliteStore } from "./open-sqlite-store.ts";
import { type Gate, gates, open } from "./slow-worker.ts";
import { ask, EXPIRE_TIME_MS, type StoreAnswer, type StoreCommand, storeModel } from "./store-model.ts";

vi.mock("node:worker_threads", async (original) => {
  const { SlowWorker } = await import("./slow-worker.ts");
  return { ...(await original<object>()), Worker: SlowWorker };
});

type Call = RecordedCall<StoreCommand, StoreAnswer>;

/** One step of a client: a call, after so many turns of the event loop. */
interface Step {
  readonly command: StoreCommand;
  readonly turns: number;
}

/** What was called before the clients came, and what they call. */
interface Scene {
  readonly before: readonly StoreCommand[];
  readonly clients: readonly Step[][];
}

const NEW: StoreCommand = { call: "insert", tag: 100 };
const ENDED: StoreCommand = { call: "replace", tag: 101, revision: 2, done: true };
/** Changes nothing, and has whoever remembers the operation forget it. */
const STALE: StoreCommand = { call: "replace", tag: 102, revision: 9, done: false };

const tag = fc.nat(99);
const command: fc.Arbitrary<StoreCommand> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      call: fc.constant("replace"),
      tag,
      revision: fc.integer({ min: 2, max: 5 }),
      done: fc.boolean(),
    }),
  },
  { weight: 6, arbitrary: fc.record({ call: fc.constantFrom("get", "list", "getByRequest") }) },
  { weight: 1, arbitrary: fc.record({ call: fc.constant("insert"), tag }) },
  { weight: 2, arbitrary: fc.record({ call: fc.constantFrom("delete", "deleteSurplus") }) },
  {
    weight: 1,
    arbitrary: fc.record({
      call: fc.constant("deleteExpired"),
      nowMs: fc.constantFrom(EXPIRE_TIME_MS - 1, EXPIRE_TIME_MS),
    }),
  },
);

/** What many do at the time when an operation that is done may be forgotten. */
const lateCommand: fc.Arbitrary<StoreCommand> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ call: fc.constantFrom("get", "list") }) },
  { weight: 1, arbitrary: fc.record({ call: fc.constant("deleteSurplus") }) },
  {
    weight: 1,
    arbitrary: fc.record({ call: fc.constant("deleteExpired"), nowMs: fc.constant(EXPIRE_TIME_MS) }),
  },
);

/** Several clients at once, each one call after another. */
function clientsOf(command: fc.Arbitrary<StoreCommand>): fc.Arbitrary<Step[][]> {
  const step = fc.record({ command, turns: fc.nat(3) });
  return fc.array(fc.array(step, { minLength: 1, maxLength: 5 }), { minLength: 2, maxLength: 5 });
}

/** Histories of a new operation, and of one that has just ended. */
const scenes: fc.Arbitrary<Scene> = fc.oneof(
  fc.record({ before: fc.constant([NEW]), clients: clientsOf(command) }),
  fc.record({ before: fc.constantFrom([NEW, ENDED], [NEW, ENDED, STALE]), clients: clientsOf(lateCommand) }),
);

let operations = 0;

/** What clients at once, each one call after another, were answered of an operation of their own. */
async function record(store: OperationStore, { before, clients }: Scene): Promise<readonly Call[]> {
  const id = String(operations++);
  const history: Call[] = [];
  let moment = 0;
  const call = async (input: StoreCommand) => {
    const startedAt = moment++;
    const answer = await ask(store, id, input);
    history.push({ input, answer, startedAt, answeredAt: moment++ });
  };
  for (const command of before) await call(command);
  await Promise.all(
    clients.map(async (steps) => {
      for (const { command, turns } of steps) {
        for (let turn = 0; turn < turns; turn++) await nextTurn();
        await call(command);
      }
    }),
  );
  return history;
}

/** How long histories are made at most, on a machine however busy. */
const PATIENCE_MS = 10_000;

/** Whether the histories of random clients on one store, one after another, could have come from calls one after another. */
async function check(store: OperationStore, slow: boolean, numRuns: number) {
  let underWay: Promise<unknown> = Promise.resolve();
  const isExplained = async (scheduler: fc.Scheduler, scene: Scene) => {
    if (slow) gates.current = (label) => scheduler.schedule(Promise.resolve(), label);
    const history = await scheduler.waitFor(record(store, scene));
    gates.current = open;
    // The sweeps of the next history are to find nothing of this one.
    await store.delete(`operations/${operations - 1}`);
    return isLinearizable(history, storeModel);
  };
  const property = fc.asyncProperty(fc.scheduler(), scenes, (scheduler, scene) => {
    const explained = isExplained(scheduler, scene);
    underWay = explained.catch(() => {});
    return explained;
  });
  const checked = await fc.check(property, { numRuns, interruptAfterTimeLimit: PATIENCE_MS });
  // When patience ends, a history may be under way: its sweeps would forget operations of what comes next.
  await underWay;
  return checked;
}

/** Remembers what it was last told or has last read, as if nobody else wrote meanwhile. */
function withNaiveCache(store: OperationStore): OperationStore {
  const cache = new Map<string, StoredOperation>();
  return {
    changes: store.changes,
    isShared: store.isShared,
    insert: (stored) => store.insert(stored),
    list: (query) => store.list(query),
    listInRange: (query) => store.listInRange(query),
    getByRequest: (id) => store.getByRequest(id),
    hold: (owner, leaseMs) => store.hold(owner, leaseMs),
    orphans: (query) => store.orphans(query),
    claim: (query, transition) => store.claim(query, transition),
    keyOf: (name, made) => store.keyOf(name, made),
    deleteExpired: (nowMs, limit) => store.deleteExpired(nowMs, limit),
    deleteSurplus: (most, limit) => store.deleteSurplus(most, limit),
    async get(name) {
      const stored = cache.get(name) ?? (await store.get(name));
      if (stored !== undefined) cache.set(name, stored);
      return stored;
    },
    async replace(next) {
      const replaced = await store.replace(next);
      if (replaced) cache.set(next.name, next);
      else cache.delete(next.name);
      return replaced;
    },
    async delete(name) {
      const deleted = await store.delete(name);
      cache.delete(name);
      return deleted;
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

/** A gate at which messages wait for a while of no particular length. */
const aWhile: Gate = async () => {
  for (let turn = Math.floor(Math.random() * 20); turn > 0; turn--) await nextTurn();
};

describe("operations in a file under concurrent calls", () => {
  let store: SqliteStore;

  beforeAll(async () => {
    store = await openEmptySqliteStore();
  });

  afterAll(async () => {
    gates.current = open;
    await store[Symbol.asyncDispose]();
  });

  it("answer as if the calls came one after another", async () => {
    const { failed, counterexample } = await check(store, false, 1_000);
    expect(failed, fc.stringify(counterexample)).toBe(false);
  });

  it("do so with threads that are slow, in whatever order they get on", async () => {
    const { failed, counterexample } = await check(store, true, 1_000);
    expect(failed, fc.stringify(counterexample)).toBe(false);
  });

  it("would not with a cache that knows nothing of writes under way: the check finds out", async () => {
    const { failed } = await check(withNaiveCache(store), false, 1_000);
    expect(failed).toBe(true);
  });
});

/** How long an operation changes all the time. */
const WRITING_MS = 1_000;

/** What a reader has seen of an operation is never undone for one who looks later. */
describe("an operation that changes all the time", () => {
  it("is never shown older than it was shown before", async () => {
    await using store = await openEmptySqliteStore();
    gates.current = aWhile;
    const older: string[] = [];
    let newest = 1;
    let writing = true;
    const first = running("a");
    await store.insert(first);
    const write = async () => {
      const endMs = performance.now() + WRITING_MS;
      for (let revision = 2; performance.now() < endMs; revision++)
        await store.replace({ ...first, revision });
      writing = false;
    };
    const sweep = async () => {
      while (writing) await store.deleteExpired(0, 10);
    };
    const read = async (how: () => Promise<StoredOperation | undefined>) => {
      while (writing) {
        const least = newest;
        const revision = (await how())?.revision ?? 0;
        if (revision < least) older.push(`${revision} after ${least}`);
        newest = Math.max(newest, revision);
        await aWhile("");
      }
    };
    const get = () => store.get(first.name);
    const list = async () => (await store.list({ parent: "", limit: 1 }))[0];
    await Promise.all([write(), sweep(), read(get), read(get), read(get), read(list), read(list)]);
    gates.current = open;
    expect([older, newest > 1]).toEqual([[], true]);
  });
});
