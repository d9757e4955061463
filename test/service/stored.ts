import { packed } from "../../src/operation/encoded-message.ts";
import { collectionOf, newOperationName } from "../../src/operation/operation-name.ts";
import { newStoredOperation } from "../../src/operation/stored-operation.ts";
import { complete, reportProgress } from "../../src/operation/transition.ts";
import { SimulateWork } from "../../src/simulator/simulate-work.ts";
import type { OperationStore } from "../../src/store/operation-store.ts";
import { update } from "../../src/store/update.ts";

/** Keeps a running operation that no manager of this process looks after. Answers its name. */
export async function keepRunning(
  store: OperationStore,
  start: { id?: string; parent?: string; createTimeMs?: number } = {},
): Promise<string> {
  const parent = start.parent ?? "";
  const name = start.id === undefined ? newOperationName(parent) : `${collectionOf(parent)}/${start.id}`;
  await store.insert(newStoredOperation({ name, parent, createTimeMs: start.createTimeMs ?? 0 }));
  return name;
}

/** Keeps many, of the ids `0000`, `0001` and so on, all of one time: so they are listed in this order. */
export async function keepMany(store: OperationStore, count: number): Promise<string[]> {
  const names: string[] = [];
  for (let i = 0; i < count; i++) names.push(await keepRunning(store, { id: String(i).padStart(4, "0") }));
  return names;
}

/** Tells of a step of the work. */
export async function step(store: OperationStore, name: string, stepsDone: number): Promise<void> {
  await update(store, name, reportProgress(packed(SimulateWork.metadata, { stepsDone })));
}

/** Has the work say something, however long. */
export async function say(store: OperationStore, name: string, payload: string): Promise<void> {
  await update(store, name, reportProgress(packed(SimulateWork.response, { payload })));
}

/** Ends an operation with a response. */
export async function finish(store: OperationStore, name: string, payload = "finished"): Promise<void> {
  await finishFor(store, name, Number.MAX_SAFE_INTEGER - 1, payload);
}

/** Ends an operation with a response at the first millisecond, to be kept so long from then on. */
export async function finishFor(
  store: OperationStore,
  name: string,
  retentionMs: number,
  payload = "finished",
): Promise<void> {
  const result = { case: "response", value: packed(SimulateWork.response, { payload }) } as const;
  await update(store, name, complete({ result, endTimeMs: 1, retentionMs }));
}
