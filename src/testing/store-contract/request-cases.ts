import assert from "node:assert/strict";
import type { OperationStore } from "../../store/operation-store.ts";
import { alreadyEnded, assertSame, ended, keep, NOON_MS, progressed, running } from "./sample-operations.ts";
import { assertOneWins, type StoreCases } from "./store-cases.ts";

function requested(id: string, requestId: string) {
  return running(id, { request: { id: requestId, digest: `digest of ${id}` } });
}

async function assertNobodyHas(store: OperationStore, requestId: string): Promise<void> {
  assert.equal(await store.getByRequest(requestId), undefined);
}

/** One request, one operation, for as long as that is kept (AIP-155). */
export const requestCases: StoreCases = {
  "knows no request where nothing is kept": (store) => assertNobodyHas(store, "r1"),

  "finds an operation by the request that started it": async (store) => {
    await keep(store, requested("a", "r1"), requested("b", "r2"), running("c"));
    assertSame(await store.getByRequest("r2"), requested("b", "r2"));
  },

  "finds it as it is now": async (store) => {
    await keep(store, requested("a", "r1"));
    await store.replace(progressed(requested("a", "r1")));
    assertSame(await store.getByRequest("r1"), progressed(requested("a", "r1")));
  },

  "refuses a second operation of one request, and keeps the first": async (store) => {
    await keep(store, requested("a", "r1"));
    assert.equal(await store.insert(requested("b", "r1")), false);
    assert.equal(await store.get("operations/b"), undefined);
    assertSame(await store.getByRequest("r1"), requested("a", "r1"));
  },

  "keeps one of many operations of one request that are inserted at once": (store) =>
    assertOneWins(Array.from({ length: 20 }, (_, i) => store.insert(requested(`${i}`, "r1")))),

  "takes the request for another where the operation was deleted": async (store) => {
    await keep(store, requested("a", "r1"));
    await store.delete("operations/a");
    await assertNobodyHas(store, "r1");
    await keep(store, requested("b", "r1"));
  },

  "takes the request for another where the operation expired": async (store) => {
    await keep(store, requested("a", "r1"));
    await store.replace(ended(requested("a", "r1"), NOON_MS));
    await store.deleteExpired(NOON_MS, 10);
    await assertNobodyHas(store, "r1");
    await keep(store, requested("b", "r1"));
  },

  "tells requests from each other bytewise": async (store) => {
    await keep(store, requested("a", "r1"), requested("b", "R1"), requested("c", "r1 "));
    await assertNobodyHas(store, "r");
  },

  "keeps any number of operations that no request named": async (store) => {
    await keep(store, running("a"), running("b"), alreadyEnded("c", NOON_MS));
    await assertNobodyHas(store, "");
  },
};
