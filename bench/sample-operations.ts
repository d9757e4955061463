import { create } from "@bufbuild/protobuf";
import { type Any, AnySchema } from "@bufbuild/protobuf/wkt";
import { newStoredOperation, type StoredOperation } from "../src/operation/stored-operation.ts";
import { complete, type Transition } from "../src/operation/transition.ts";
import type { OperationStore } from "../src/store/operation-store.ts";
import { keepInFlight } from "./figures.ts";

const START_MS = Date.UTC(2026, 0, 1, 12);

/** So long that no sweep forgets a sample while a bench runs. */
const RETENTION_MS = 100 * 365 * 86_400_000;

/** Odd, and far from every power of 2: its multiples are spread over all names, as random ones are. */
const SPREAD = 0x9e3779b97f4a7c15n;

/** The name of a sample operation: neighbours in number are no neighbours in name. */
export function sampleName(number: number): string {
  const id = BigInt.asUintN(64, BigInt(number + 1) * SPREAD);
  return `operations/${id.toString(16).padStart(16, "0").repeat(2)}`;
}

/** An operation whose work runs and has told how far it is. */
export function sampleRunning(number: number): StoredOperation {
  return newStoredOperation({
    name: sampleName(number),
    parent: "",
    createTimeMs: START_MS + number,
    owner: "bench",
    metadata: anyOf("type.googleapis.com/example.v1.ExportProgress", 150),
  });
}

/** Ends an operation. As a row it has some 500 bytes then. */
export const endSample: Transition = complete({
  result: { case: "response", value: anyOf("type.googleapis.com/example.v1.ExportReport", 150) },
  endTimeMs: START_MS + 3_600_000,
  retentionMs: RETENTION_MS,
});

/** An operation that is done. */
export function sampleEnded(number: number): StoredOperation {
  return { ...endSample(sampleRunning(number)), revision: 2 };
}

/** An Any of so many bytes. */
export function anyOf(typeUrl: string, bytes: number): Any {
  return create(AnySchema, { typeUrl, value: new Uint8Array(bytes).fill(7) });
}

/** Keeps so many operations that are done. */
export async function fillWithEnded(store: OperationStore, count: number): Promise<void> {
  const numbers = Array.from({ length: count }, (_, number) => number);
  await keepInFlight(2_000, numbers, (number) => store.insert(sampleEnded(number)));
}
