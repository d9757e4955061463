import type { StoredOperation } from "../../operation/stored-operation.ts";
import type { OperationRecord } from "../columns.ts";
import { operationOf, recordOf } from "../operation-record.ts";
import type { ListQuery, OperationStore, OrphanQuery, RangeQuery } from "../operation-store.ts";

/** What can be asked of a store from another process, and how it is done: operations go as their columns. */
export const STORE_CALLS = {
  insert: (store: OperationStore, record: OperationRecord) => store.insert(operationOf(record)),
  get: async (store: OperationStore, name: string) => recordOrNone(await store.get(name)),
  getByRequest: async (store: OperationStore, id: string) => recordOrNone(await store.getByRequest(id)),
  replace: (store: OperationStore, next: OperationRecord) => store.replace(operationOf(next)),
  delete: (store: OperationStore, name: string) => store.delete(name),
  list: async (store: OperationStore, query: ListQuery) => (await store.list(query)).map(recordOf),
  listInRange: async (store: OperationStore, query: RangeQuery) =>
    (await store.listInRange(query))?.map(recordOf),
  deleteExpired: (store: OperationStore, nowMs: number, limit: number) => store.deleteExpired(nowMs, limit),
  deleteSurplus: (store: OperationStore, most: number, limit: number) => store.deleteSurplus(most, limit),
  orphans: async (store: OperationStore, query: OrphanQuery) => (await store.orphans(query)).map(recordOf),
  keyOf: (store: OperationStore, name: string, made: Uint8Array) => store.keyOf(name, made),
} as const;

/** Their names. */
export type StoreCall = keyof typeof STORE_CALLS;

type Tail<Items extends readonly unknown[]> = Items extends readonly [unknown, ...infer Rest] ? Rest : never;

/** What a call is made with. */
export type CallArguments<Call extends StoreCall> = Tail<Parameters<(typeof STORE_CALLS)[Call]>>;

/** What it answers. */
export type CallResult<Call extends StoreCall> = Awaited<ReturnType<(typeof STORE_CALLS)[Call]>>;

function recordOrNone(stored: StoredOperation | undefined): OperationRecord | undefined {
  return stored && recordOf(stored);
}
