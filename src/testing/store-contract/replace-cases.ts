import assert from "node:assert/strict";
import type { OperationStore } from "../../store/operation-store.ts";
import { assertSame, ended, keep, NOON_MS, progressed, running } from "./sample-operations.ts";
import { assertOneWins, type StoreCases } from "./store-cases.ts";

async function assertRefuses(store: OperationStore, revision: number): Promise<void> {
  const kept = progressed(running("a"));
  await keep(store, running("a"));
  await store.replace(kept);
  assert.equal(await store.replace({ ...ended(kept, NOON_MS), revision }), false);
  assertSame(await store.get(kept.name), kept);
}

/** A change is a compare-and-swap: whoever has not seen the latest revision changes nothing. */
export const replaceCases: StoreCases = {
  "swaps in the revision after the one that is kept": async (store) => {
    const swapped = progressed(running("a"));
    await keep(store, running("a"));
    assert.equal(await store.replace(swapped), true);
    assertSame(await store.get(swapped.name), swapped);
  },

  "refuses a revision that is behind, and changes nothing": (store) => assertRefuses(store, 1),

  "refuses the revision that is kept, and changes nothing": (store) => assertRefuses(store, 2),

  "refuses a revision that is ahead, and changes nothing": (store) => assertRefuses(store, 4),

  "refuses an operation that was never kept, and keeps nothing": async (store) => {
    assert.equal(await store.replace(progressed(running("a"))), false);
    assert.equal(await store.get("operations/a"), undefined);
  },

  "refuses an operation that was deleted, and keeps nothing": async (store) => {
    await keep(store, running("a"));
    await store.delete("operations/a");
    assert.equal(await store.replace(progressed(running("a"))), false);
    assert.equal(await store.get("operations/a"), undefined);
  },

  "refuses an operation that was forgotten because it expired": async (store) => {
    const done = ended(running("a"), NOON_MS);
    await keep(store, running("a"));
    await store.replace(done);
    await store.deleteExpired(NOON_MS, 10);
    assert.equal(await store.replace({ ...done, revision: done.revision + 1 }), false);
    assert.equal(await store.get("operations/a"), undefined);
  },

  "changes no other operation": async (store) => {
    const other = running("ab");
    await keep(store, running("a"), other);
    await store.replace(progressed(running("a")));
    assertSame(await store.get(other.name), other);
  },

  "lets one of 50 who replace one revision at once win, and keeps what it brought": async (store) => {
    await keep(store, running("a"));
    const rivals = Array.from({ length: 50 }, (_, i) => progressed(running("a"), i));
    const answers = await Promise.all(rivals.map((rival) => store.replace(rival)));
    await assertOneWins(answers.map(async (won) => won));
    const winner = rivals[answers.indexOf(true)];
    assert.ok(winner !== undefined);
    assertSame(await store.get("operations/a"), winner);
  },

  "makes a replace and a delete at once agree on which came first": async (store) => {
    await keep(store, running("a"));
    await Promise.all([store.replace(progressed(running("a"))), store.delete("operations/a")]);
    assert.equal(await store.get("operations/a"), undefined);
  },

  "lists what was swapped in": async (store) => {
    const swapped = progressed(running("a"));
    await keep(store, running("a"));
    await store.replace(swapped);
    const listed = await store.list({ parent: "", limit: 10 });
    assert.equal(listed.length, 1);
    assertSame(listed[0], swapped);
  },
};
