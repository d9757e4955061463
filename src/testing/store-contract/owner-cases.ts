import assert from "node:assert/strict";
import type { StoredWork } from "../../operation/stored-operation.ts";
import { giveBack, takeOver } from "../../operation/transition.ts";
import type { OperationStore, OrphanQuery } from "../../store/operation-store.ts";
import { anyOf, assertSame, ended, keep, NOON_MS, next, running } from "./sample-operations.ts";
import { assertOneWins, type StoreCases } from "./store-cases.ts";

const LEASE_MS = 10_000;

function work(handler: string): StoredWork {
  return { handler, input: anyOf("type.example.com/example.Input", [1, 2, 255]) };
}

/** Keeps an operation of an owner. */
async function keepOwned(store: OperationStore, id: string, owner: string | undefined, handler?: string) {
  await keep(store, running(id, { owner, work: handler === undefined ? undefined : work(handler) }));
}

async function orphanIds(store: OperationStore, query: Partial<OrphanQuery> = {}): Promise<string[]> {
  const orphans = await store.orphans({ handlers: "none", limit: 100, ...query });
  return orphans.map(({ name }) => name.slice(name.lastIndexOf("/") + 1));
}

/** What runs has an owner with a lease, or is found by whoever looks. */
export const ownerCases: StoreCases = {
  "keeps the owner, the attempt, the work and the request of an operation": async (store) => {
    const request = { id: "r", digest: "d" };
    const owned = running("a", { owner: "o1", work: work("w"), request, retentionMs: 5 });
    await keep(store, owned);
    assertSame(await store.get("operations/a"), owned);
    const taken = next(owned, takeOver("o2", NOON_MS));
    await store.replace(taken);
    assertSame(await store.get("operations/a"), taken);
  },

  "keeps for ever what is to be kept for ever": async (store) => {
    const kept = running("a", { retentionMs: Number.POSITIVE_INFINITY });
    await keep(store, kept);
    assertSame(await store.get("operations/a"), kept);
    const done = ended(kept, NOON_MS);
    await store.replace(done);
    assertSame(await store.get("operations/a"), done);
    assert.equal(await store.deleteExpired(Number.MAX_SAFE_INTEGER, 10), 0);
  },

  "keeps no work of an operation that is done": async (store) => {
    const owned = running("a", { owner: "o1", work: work("w") });
    await keep(store, owned);
    await store.replace(ended(owned, NOON_MS));
    assertSame(await store.get("operations/a"), ended(owned, NOON_MS));
    assert.equal(ended(owned, NOON_MS).work, undefined);
  },

  "finds no orphan where nothing is kept": async (store) => {
    assert.deepEqual(await orphanIds(store), []);
  },

  "finds the operation of an owner that never had a lease": async (store) => {
    await keepOwned(store, "a", "o1");
    assert.deepEqual(await orphanIds(store), ["a"]);
  },

  "finds no operation of an owner that holds a lease": async (store) => {
    await store.hold("o1", LEASE_MS);
    await keepOwned(store, "a", "o1");
    await keepOwned(store, "b", "o1", "w");
    assert.deepEqual([await orphanIds(store), await orphanIds(store, { handlers: "any" })], [[], []]);
  },

  "finds the operations of an owner that released its lease, and those of no other": async (store) => {
    const lease = await store.hold("o1", LEASE_MS);
    await store.hold("o2", LEASE_MS);
    await keepOwned(store, "a", "o1");
    await keepOwned(store, "b", "o2");
    await lease.release();
    assert.deepEqual(await orphanIds(store), ["a"]);
  },

  "finds none that is done": async (store) => {
    await keepOwned(store, "a", "o1");
    await store.replace(ended(running("a", { owner: "o1" }), NOON_MS));
    assert.deepEqual(await orphanIds(store, { handlers: "any" }), []);
  },

  "finds none that was deleted": async (store) => {
    await keepOwned(store, "a", "o1");
    await store.delete("operations/a");
    assert.deepEqual(await orphanIds(store), []);
  },

  "finds none that nobody ever owned": async (store) => {
    await keep(store, running("a"));
    assert.deepEqual(await orphanIds(store, { handlers: "any" }), []);
  },

  "finds one that was given back": async (store) => {
    await store.hold("o1", LEASE_MS);
    const owned = running("a", { owner: "o1", work: work("w") });
    await keep(store, owned);
    await store.replace(next(owned, giveBack));
    assert.deepEqual(await orphanIds(store, { handlers: ["w"] }), ["a"]);
  },

  "finds one that was taken over no more": async (store) => {
    await store.hold("o2", LEASE_MS);
    const owned = running("a", { owner: "o1" });
    await keep(store, owned);
    await store.replace(next(owned, takeOver("o2", NOON_MS)));
    assert.deepEqual(await orphanIds(store), []);
  },

  "finds those whose handler is asked for": async (store) => {
    await keepOwned(store, "a", "o1", "w1");
    await keepOwned(store, "b", "o1", "w2");
    await keepOwned(store, "c", "o1");
    assert.deepEqual(await orphanIds(store, { handlers: ["w2", "w3", "any", "none"] }), ["b"]);
  },

  "finds those that have no handler": async (store) => {
    await keepOwned(store, "a", "o1", "w1");
    await keepOwned(store, "b", "o1");
    assert.deepEqual(await orphanIds(store, { handlers: "none" }), ["b"]);
  },

  "finds those of any handler where that is asked for": async (store) => {
    await keepOwned(store, "a", "o1", "w1");
    await keepOwned(store, "b", undefined, "w2");
    assert.deepEqual((await orphanIds(store, { handlers: "any" })).toSorted(), ["a", "b"]);
  },

  "finds the oldest first, and at most as many as are asked for": async (store) => {
    for (const age of [2, 4, 1, 3]) {
      await keep(store, running(`${age}`, { owner: "o1", createTimeMs: NOON_MS - age }));
    }
    assert.deepEqual(await orphanIds(store, { limit: 3 }), ["4", "3", "2"]);
  },

  "claims the oldest of a handler, and no more than asked for": async (store) => {
    await store.hold("o2", LEASE_MS);
    for (const age of [2, 4, 1, 3]) {
      const createTimeMs = NOON_MS - age;
      await keep(store, running(`w1-${age}`, { createTimeMs, work: work("w1") }));
      await keep(store, running(`w2-${age}`, { createTimeMs, work: work("w2") }));
    }
    const claimed = await store.claim({ handler: "w1", limit: 3 }, takeOver("o2", NOON_MS));
    assert.deepEqual(
      claimed.map(({ name, owner, attempt, revision }) => [name, owner, attempt, revision]).toSorted(),
      ["w1-2", "w1-3", "w1-4"].map((id) => [`operations/${id}`, "o2", 1, 2]),
    );
    for (const stored of claimed) assertSame(await store.get(stored.name), stored);
  },

  "claims nothing of an owner that holds a lease": async (store) => {
    await store.hold("o1", LEASE_MS);
    await keepOwned(store, "a", "o1", "w");
    assert.deepEqual(await store.claim({ handler: "w", limit: 9 }, takeOver("o2", NOON_MS)), []);
  },

  "gives each orphan to one of many who claim at once": async (store) => {
    const owners = Array.from({ length: 8 }, (_, i) => `taker ${i}`);
    for (const owner of owners) await store.hold(owner, LEASE_MS);
    for (let i = 0; i < 60; i++) await keepOwned(store, String(i), undefined, "w");
    const claimed = await Promise.all(
      owners.map((owner) => store.claim({ handler: "w", limit: 20 }, takeOver(owner, NOON_MS))),
    );
    const names = claimed.flat().map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    for (const stored of claimed.flat()) assertSame(await store.get(stored.name), stored);
  },

  "tells of what was claimed": async (store) => {
    await keepOwned(store, "a", undefined, "w");
    const heard = Promise.withResolvers<void>();
    const unsubscribe = store.changes.subscribe("operations/a", () => heard.resolve());
    await store.claim({ handler: "w", limit: 1 }, takeOver("o2", NOON_MS));
    await heard.promise;
    unsubscribe();
  },

  "lets one of many take an orphan over": async (store) => {
    const owned = running("a", { owner: "o1" });
    await keep(store, owned);
    await assertOneWins(
      Array.from({ length: 20 }, (_, i) => store.replace(next(owned, takeOver(`taker ${i}`, NOON_MS)))),
    );
  },
};
