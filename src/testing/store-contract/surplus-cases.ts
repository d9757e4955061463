import assert from "node:assert/strict";
import type { OperationStore } from "../../store/operation-store.ts";
import { ended, keep, NOON_MS, running } from "./sample-operations.ts";
import type { StoreCases } from "./store-cases.ts";

const MANY = 1_000;

/** An operation that ended so many milliseconds after noon. */
function endedAt(id: string, delayMs: number, parent = "") {
  return { ...ended(running(id, { parent }), NOON_MS * 2), revision: 1, endTimeMs: NOON_MS + delayMs };
}

async function namesIn(store: OperationStore, parent = ""): Promise<string[]> {
  const listed = await store.list({ parent, limit: 100 });
  return listed.map(({ name }) => name.slice(name.lastIndexOf("/") + 1));
}

/** A parent keeps the finished operations that ended last. */
export const surplusCases: StoreCases = {
  "forgets nothing where no parent keeps too many": async (store) => {
    await keep(store, endedAt("a", 1), endedAt("b", 2));
    assert.equal(await store.deleteSurplus(2, MANY), 0);
  },

  "forgets those that ended first": async (store) => {
    await keep(store, endedAt("b", 3), endedAt("a", 1), endedAt("d", 2), endedAt("c", 4));
    assert.equal(await store.deleteSurplus(2, MANY), 2);
    assert.deepEqual(await namesIn(store), ["b", "c"]);
  },

  "neither counts nor forgets those that run": async (store) => {
    await keep(store, running("x"), running("y"), endedAt("a", 1), endedAt("b", 2));
    assert.equal(await store.deleteSurplus(1, MANY), 1);
    assert.deepEqual(await namesIn(store), ["b", "x", "y"]);
  },

  "counts each parent by itself": async (store) => {
    const parent = "projects/p";
    await keep(store, endedAt("a", 1), endedAt("b", 2), endedAt("c", 3, parent), endedAt("d", 4, parent));
    assert.equal(await store.deleteSurplus(1, MANY), 2);
    assert.deepEqual([await namesIn(store), await namesIn(store, parent)], [["b"], ["d"]]);
  },

  "forgets at most as many as it may, and the rest when it is asked again": async (store) => {
    await keep(store, ...Array.from({ length: 9 }, (_, i) => endedAt(`${i}`, i)));
    const answers = [];
    for (let i = 0; i < 3; i++) answers.push(await store.deleteSurplus(2, 5));
    assert.deepEqual(answers, [5, 2, 0]);
    assert.deepEqual(await namesIn(store), ["7", "8"]);
  },

  "forgets every finished one where none may be kept": async (store) => {
    await keep(store, endedAt("a", 1), endedAt("b", 2), running("c"));
    assert.equal(await store.deleteSurplus(0, MANY), 2);
    assert.deepEqual(await namesIn(store), ["c"]);
  },
};
