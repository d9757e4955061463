import assert from "node:assert/strict";
import type { OperationStore } from "../../store/operation-store.ts";
import type { StoreCases } from "./store-cases.ts";

/** A key of 32 bytes, of which every one may occur. */
function key(first: number): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => first + i * 9);
}

async function assertKey(store: OperationStore, name: string, made: Uint8Array, expected: Uint8Array) {
  assert.deepEqual([...(await store.keyOf(name, made))], [...expected]);
}

/** What is secret and must outlive a restart is made once, by whoever comes first. */
export const keyCases: StoreCases = {
  "answers the key that was made, the first time": (store) => assertKey(store, "k", key(0), key(0)),

  "answers the first key from then on, whatever else was made": async (store) => {
    await store.keyOf("k", key(0));
    await assertKey(store, "k", key(1), key(0));
    await assertKey(store, "k", key(2), key(0));
  },

  "keeps the keys of two names apart": async (store) => {
    await store.keyOf("k", key(0));
    await assertKey(store, "K", key(1), key(1));
    await assertKey(store, "k", key(2), key(0));
  },

  "keeps a key as it was, whatever becomes of the bytes that were handed in or out": async (store) => {
    const made = key(0);
    const answered = await store.keyOf("k", made);
    made.fill(0);
    answered.fill(1);
    await assertKey(store, "k", key(2), key(0));
  },

  "keeps a part of a larger buffer": async (store) => {
    await store.keyOf("k", Buffer.concat([key(5), key(0), key(7)]).subarray(32, 64));
    await assertKey(store, "k", key(2), key(0));
  },

  "gives 50 who ask at once one and the same key, and one that one of them has made": async (store) => {
    const made = Array.from({ length: 50 }, (_, i) => key(i));
    const answers = await Promise.all(made.map((one) => store.keyOf("k", one)));
    const different = new Set(answers.map((answer) => Buffer.from(answer).toString("hex")));
    assert.equal(different.size, 1);
    assert.ok(made.some((one) => different.has(Buffer.from(one).toString("hex"))));
  },

  "keeps a key when operations are deleted": async (store) => {
    await store.keyOf("k", key(0));
    await store.deleteExpired(Number.MAX_SAFE_INTEGER, 10);
    await store.deleteSurplus(0, 10);
    await assertKey(store, "k", key(1), key(0));
  },
};
