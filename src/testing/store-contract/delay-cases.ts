import assert from "node:assert/strict";
import { requestCancel, retryAfter, type Transition, takeOver } from "../../operation/transition.ts";
import type { OperationStore } from "../../store/operation-store.ts";
import { anyOf, assertSame, keep, NOON_MS, next, running } from "./sample-operations.ts";
import type { StoreCases } from "./store-cases.ts";

const LONG_MS = 3_600_000;
const LEASE_MS = 10_000;

/** An operation whose work failed and waits to be begun again. */
function waiting(id: string, delayMs: number, createTimeMs = NOON_MS) {
  const work = { handler: "w", input: anyOf("type.example.com/example.Input", [1]) };
  const taken = next(running(id, { work, createTimeMs }), takeOver("o1", NOON_MS));
  return { ...retryAfter(delayMs)(taken), revision: 1 };
}

/** The IDs of the orphans of the handler, once there are as many. */
async function orphanIds(store: OperationStore, least = 0, name?: string): Promise<string[]> {
  for (;;) {
    const orphans = await store.orphans({ handlers: ["w"], limit: 100, name });
    if (orphans.length >= least) return orphans.map(({ name }) => name.slice("operations/".length));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function claimByName(store: OperationStore, id: string, transition: Transition) {
  return store.claim({ handler: "w", limit: 1, name: `operations/${id}` }, transition);
}

/** Claims one that waits for another handler than the one that is asked for. */
async function claimOfOther(store: OperationStore, id: string) {
  const other = waiting(id, LONG_MS);
  await keep(store, { ...other, work: other.work && { ...other.work, handler: "v" } });
  return claimByName(store, id, takeOver("o2", NOON_MS));
}

/** Work that failed waits before it is begun again. */
export const delayCases: StoreCases = {
  "keeps the delay of an operation": async (store) => {
    await keep(store, waiting("a", LONG_MS));
    assertSame(await store.get("operations/a"), waiting("a", LONG_MS));
    const longer = next(waiting("a", LONG_MS), retryAfter(2 * LONG_MS));
    await store.replace(longer);
    assertSame(await store.get("operations/a"), longer);
  },

  "finds none whose delay is not over": async (store) => {
    await keep(store, waiting("a", LONG_MS));
    assert.deepEqual(await orphanIds(store), []);
    assert.deepEqual(await store.orphans({ handlers: "any", limit: 9 }), []);
    assert.deepEqual(await store.claim({ handler: "w", limit: 9 }, takeOver("o2", NOON_MS)), []);
  },

  "finds one when its delay is over": async (store) => {
    await keep(store, waiting("a", 2));
    assert.deepEqual(await orphanIds(store, 1), ["a"]);
  },

  "finds one whose delay began with a later revision when that is over": async (store) => {
    const running = next(waiting("a", LONG_MS), takeOver("o2", NOON_MS));
    await keep(store, waiting("a", LONG_MS));
    await store.replace(running);
    await store.replace(next(running, retryAfter(2)));
    assert.deepEqual(await orphanIds(store, 1), ["a"]);
  },

  "counts a delay anew with every revision that has one": async (store) => {
    await keep(store, waiting("a", 0));
    await store.replace(next(waiting("a", 0), retryAfter(LONG_MS)));
    assert.deepEqual(await orphanIds(store), []);
  },

  "finds one at once that is cancelled while it waits": async (store) => {
    await keep(store, waiting("a", LONG_MS));
    await store.replace(next(waiting("a", LONG_MS), requestCancel));
    assert.deepEqual(await orphanIds(store), ["a"]);
  },

  "finds those first that have waited longest since their delay was over": async (store) => {
    await keep(store, waiting("b", 1, NOON_MS - 2));
    await keep(store, { ...waiting("a", 0, NOON_MS - 1), delayMs: undefined });
    assert.deepEqual(await orphanIds(store, 2), ["a", "b"]);
  },

  "finds one by its name, though its delay is not over": async (store) => {
    await keep(store, waiting("a", LONG_MS), waiting("b", LONG_MS));
    assert.deepEqual(await orphanIds(store, 0, "operations/b"), ["b"]);
  },

  "finds none by its name that is of another handler, or of none": async (store) => {
    await keep(store, waiting("a", 0), running("b", { owner: "o1" }));
    const found = await store.orphans({ handlers: ["v"], limit: 9, name: "operations/a" });
    assert.deepEqual([...found, ...(await orphanIds(store, 0, "operations/b"))], []);
  },

  "finds none by its name that is not kept": async (store) => {
    assert.deepEqual(await orphanIds(store, 0, "operations/\0"), []);
  },

  "finds none by its name whose owner holds a lease": async (store) => {
    await store.hold("o2", LEASE_MS);
    await keep(store, waiting("a", 0));
    await store.replace(next(waiting("a", 0), takeOver("o2", NOON_MS)));
    assert.deepEqual(await orphanIds(store, 0, "operations/a"), []);
  },

  "claims one by its name, though its delay is not over, and no other": async (store) => {
    await keep(store, waiting("a", LONG_MS), waiting("b", 0));
    const query = { handler: "w", limit: 9, name: "operations/a" };
    const claimed = await store.claim(query, takeOver("o2", NOON_MS));
    assert.equal(claimed.length, 1);
    assertSame(claimed[0], next(waiting("a", LONG_MS), takeOver("o2", NOON_MS)));
    assertSame(await store.get("operations/b"), waiting("b", 0));
  },

  "claims many by their names at once, each for whoever asks for it": async (store) => {
    const ids = Array.from({ length: 30 }, (_, i) => String(i));
    await keep(store, ...ids.map((id) => waiting(id, LONG_MS)));
    const claims = ids.map((id) => claimByName(store, id, takeOver(`taker ${id}`, NOON_MS)));
    const strangers = [claimByName(store, "none", takeOver("o2", NOON_MS)), claimOfOther(store, "other")];
    const claimed = await Promise.all([...claims, ...strangers]);
    assert.deepEqual(
      claimed.map((one) => one.map(({ name, owner, attempt, revision }) => [name, owner, attempt, revision])),
      [...ids.map((id) => [[`operations/${id}`, `taker ${id}`, 2, 2]]), [], []],
    );
    for (const stored of claimed.flat()) assertSame(await store.get(stored.name), stored);
  },

  "gives one that many claim by its name at once to one of them": async (store) => {
    const takers = Array.from({ length: 8 }, (_, i) => `taker ${i}`);
    for (const taker of takers) await store.hold(taker, LEASE_MS);
    await keep(store, waiting("a", LONG_MS), waiting("b", LONG_MS));
    const claims = takers.map((taker) => claimByName(store, "a", takeOver(taker, NOON_MS)));
    const claimed = (await Promise.all([...claims, claimByName(store, "b", takeOver("o2", NOON_MS))])).flat();
    assert.deepEqual(claimed.map(({ name }) => name).toSorted(), ["operations/a", "operations/b"]);
    for (const stored of claimed) assertSame(await store.get(stored.name), stored);
  },

  "claims the others by their names where one's transition throws": async (store) => {
    await keep(store, waiting("a", LONG_MS), waiting("b", LONG_MS), waiting("c", LONG_MS));
    const broken = () => {
      throw new RangeError("broken");
    };
    const claims = [broken, takeOver("o2", NOON_MS), takeOver("o3", NOON_MS)].map((transition, i) =>
      claimByName(store, "abc".charAt(i), transition),
    );
    const outcomes = await Promise.allSettled(claims);
    const owners = outcomes.map((one) => (one.status === "fulfilled" ? one.value[0]?.owner : one.status));
    assert.deepEqual(owners, ["rejected", "o2", "o3"]);
    assertSame(await store.get("operations/a"), waiting("a", LONG_MS));
  },

  "claims one by its name whose owner released its lease": async (store) => {
    const lease = await store.hold("o2", LEASE_MS);
    await keep(store, waiting("a", 0));
    await store.replace(next(waiting("a", 0), takeOver("o2", NOON_MS)));
    const query = { handler: "w", limit: 9, name: "operations/a" };
    assert.deepEqual(await store.claim(query, takeOver("o3", NOON_MS)), []);
    await lease.release();
    const claimed = await store.claim(query, takeOver("o3", NOON_MS));
    assert.deepEqual(
      claimed.map(({ owner, attempt }) => [owner, attempt]),
      [["o3", 3]],
    );
  },
};
