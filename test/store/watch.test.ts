import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StoredOperation } from "../../src/operation/stored-operation.ts";
import { requestCancel } from "../../src/operation/transition.ts";
import { ChangeHub } from "../../src/store/change-hub.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import type { OperationStore } from "../../src/store/operation-store.ts";
import { update } from "../../src/store/update.ts";
import { RECHECK_MS, watch } from "../../src/store/watch.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { progressed, running } from "../../src/testing/store-contract/sample-operations.ts";
import { SlowStore } from "./slow-store.ts";
import { until } from "./until.ts";

const NAME = "operations/a";

/** A store that never tells of a change. */
class SilentStore extends SlowStore {
  readonly #silence = new ChangeHub();

  constructor(store: OperationStore) {
    super(store, async () => {});
  }

  override get changes(): ChangeHub {
    return this.#silence;
  }
}

/** A running operation, and what a watch has seen of it; the watch is waiting for a change. */
async function watching(around: (store: MemoryStore) => OperationStore = (store) => store) {
  const store = new MemoryStore();
  await store.insert(running("a"));
  const watched = around(store);
  const clock = new FakeClock();
  const changes = watch(watched, NAME, clock);
  const seen: StoredOperation[] = [];
  const ended = (async () => {
    for await (const stored of changes) seen.push(stored);
  })();
  const waits = () => until(() => clock.pendingTimers === 1);
  await waits();
  return { store, watched, clock, changes, seen, ended, waits };
}

const revisions = (seen: readonly StoredOperation[]) => seen.map(({ revision }) => revision);

describe("watch", () => {
  it("begins with what the operation is now", async () => {
    const { seen } = await watching();
    expect(seen).toEqual([running("a")]);
  });

  it("shows each change", async () => {
    const { store, seen } = await watching();
    await update(store, NAME, progressed);
    await until(() => seen.length === 2);
    await update(store, NAME, requestCancel);
    await until(() => seen.length === 3);
    expect(seen.at(-1)).toEqual(await store.get(NAME));
  });

  it("shows the last of many quick changes", async () => {
    const { store, seen, waits } = await watching();
    for (let i = 0; i < 10; i++) await update(store, NAME, progressed);
    await until(() => seen.at(-1)?.revision === 11);
    await waits();
    expect(revisions(seen)).toEqual(revisions(seen).toSorted((a, b) => a - b));
  });

  it("shows nothing twice, though an event comes twice", async () => {
    const { store, seen, waits } = await watching();
    await update(store, NAME, progressed);
    await until(() => seen.length === 2);
    for (let i = 0; i < 3; i++) {
      await waits();
      store.changes.announce(NAME);
    }
    await waits();
    expect(revisions(seen)).toEqual([1, 2]);
  });

  it("ends when the operation is deleted", async () => {
    const { store, seen, ended } = await watching();
    await store.delete(NAME);
    await ended;
    expect(revisions(seen)).toEqual([1]);
  });

  it("ends at once where there is no operation", async () => {
    const clock = new FakeClock();
    const step = await watch(new MemoryStore(), NAME, clock)[Symbol.asyncIterator]().next();
    expect(step.done).toBe(true);
  });

  it("sees a change between two of its steps", async () => {
    const store = new MemoryStore();
    await store.insert(running("a"));
    const steps = watch(store, NAME, new FakeClock())[Symbol.asyncIterator]();
    await steps.next();
    await update(store, NAME, progressed);
    expect((await steps.next()).value?.revision).toBe(2);
  });

  it("ends when it is stopped while it waits", async () => {
    const { changes, seen, ended } = await watching();
    changes.stop();
    await ended;
    expect(revisions(seen)).toEqual([1]);
  });

  it("shows nothing where it was stopped before it began", async () => {
    const store = new MemoryStore();
    await store.insert(running("a"));
    const changes = watch(store, NAME, new FakeClock());
    changes.stop();
    expect((await changes[Symbol.asyncIterator]().next()).done).toBe(true);
  });

  it("ends when it is stopped by the one who is shown a change", async () => {
    const store = new MemoryStore();
    await store.insert(running("a"));
    const changes = watch(store, NAME, new FakeClock());
    let shown = 0;
    for await (const _ of changes) {
      shown++;
      changes.stop();
    }
    expect(shown).toBe(1);
  });

  it("looks by itself where the event never comes", async () => {
    const { watched, clock, seen } = await watching((store) => new SilentStore(store));
    await update(watched, NAME, progressed);
    clock.advance(RECHECK_MS);
    await until(() => seen.length === 2);
    expect(revisions(seen)).toEqual([1, 2]);
  });

  it("does not look by itself before its time", async () => {
    const { watched, clock, seen, waits } = await watching((store) => new SilentStore(store));
    await update(watched, NAME, progressed);
    clock.advance(RECHECK_MS - 1);
    await waits();
    expect(revisions(seen)).toEqual([1]);
  });

  it("looks by itself again and again", async () => {
    const { watched, clock, seen, waits } = await watching((store) => new SilentStore(store));
    for (let i = 0; i < 3; i++) {
      clock.advance(RECHECK_MS);
      await waits();
    }
    await update(watched, NAME, progressed);
    clock.advance(RECHECK_MS);
    await until(() => seen.length === 2);
    expect(revisions(seen)).toEqual([1, 2]);
  });

  it("throws what the store throws", async () => {
    const store = new SlowStore(new MemoryStore(), () => Promise.reject(new RangeError("disk full")));
    const step = watch(store, NAME, new FakeClock())[Symbol.asyncIterator]().next();
    await expect(step).rejects.toThrow(new RangeError("disk full"));
  });

  it("misses no change in any schedule, though it never looks by itself", async () => {
    const run = fc.asyncProperty(
      fc.scheduler(),
      fc.integer({ min: 1, max: 4 }),
      async (scheduler, writers) => {
        const store = new MemoryStore();
        await store.insert(running("a"));
        const slow = new SlowStore(store, (label) => scheduler.schedule(Promise.resolve(), label));
        const changes = watch(slow, NAME, new FakeClock());
        const seesAll = async () => {
          for await (const { revision } of changes) if (revision === 1 + writers) return;
        };
        const changesAll = Array.from({ length: writers }, () => update(slow, NAME, progressed));
        await scheduler.waitFor(Promise.all([seesAll(), ...changesAll]));
      },
    );
    await fc.assert(run, { numRuns: 300, timeout: 2_000 });
  });
});

describe("what a watch leaves behind", () => {
  const leftovers = ({ store, clock }: { store: OperationStore; clock: FakeClock }) => ({
    subscriptions: store.changes.subscriptions,
    timers: clock.pendingTimers,
  });
  const nothing = { subscriptions: 0, timers: 0 };

  it("is one subscription and one timer while it waits", async () => {
    expect(leftovers(await watching())).toEqual({ subscriptions: 1, timers: 1 });
  });

  it("is nothing before its first step", async () => {
    const store = new MemoryStore();
    const clock = new FakeClock();
    watch(store, NAME, clock);
    expect(leftovers({ store, clock })).toEqual(nothing);
  });

  it("is nothing once the operation is deleted", async () => {
    const watched = await watching();
    await watched.store.delete(NAME);
    await watched.ended;
    expect(leftovers(watched)).toEqual(nothing);
  });

  it("is nothing once it is stopped", async () => {
    const watched = await watching();
    watched.changes.stop();
    await watched.ended;
    expect(leftovers(watched)).toEqual(nothing);
  });

  it("is nothing once its reader has seen enough", async () => {
    const store = new MemoryStore();
    const clock = new FakeClock();
    await store.insert(running("a"));
    for await (const _ of watch(store, NAME, clock)) break;
    expect(leftovers({ store, clock })).toEqual(nothing);
  });

  it("is nothing once the store has failed", async () => {
    const store = new SlowStore(new MemoryStore(), () => Promise.reject(new RangeError("disk full")));
    const clock = new FakeClock();
    await watch(store, NAME, clock)
      [Symbol.asyncIterator]()
      .next()
      .catch(() => {});
    expect(leftovers({ store, clock })).toEqual(nothing);
  });

  it("does not grow while nothing happens", async () => {
    const watched = await watching();
    for (let i = 0; i < 10; i++) {
      watched.store.changes.announce(NAME);
      await watched.waits();
    }
    expect(leftovers(watched)).toEqual({ subscriptions: 1, timers: 1 });
  });
});
