import { create } from "@bufbuild/protobuf";
import { type Any, AnySchema, anyPack, EmptySchema, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import { BadRequestSchema } from "../../gen/google/rpc/error_details_pb.ts";
import { StatusSchema } from "../../gen/google/rpc/status_pb.ts";
import { SimulateWorkMetadataSchema } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import {
  OperationMetadataSchema,
  OperationMetadata_State as State,
} from "../../gen/longrunning/v1/operation_metadata_pb.ts";
import { packed } from "../../src/operation/encoded-message.ts";
import { newStoredOperation } from "../../src/operation/stored-operation.ts";
import { complete, type OperationResult, reportProgress } from "../../src/operation/transition.ts";
import type { OperationStore } from "../../src/store/operation-store.ts";
import { update } from "../../src/store/update.ts";

const NOON_MS = Date.UTC(2026, 0, 2, 12);

export const FOREIGN = create(AnySchema, {
  typeUrl: "type.googleapis.com/far.away.Thing",
  value: new Uint8Array([255, 0, 127]),
});

/** A server's text that would clear the screen, ring, and turn the line around. */
export const HOSTILE = "\u001b[2Jdone\u0007 \u202egpj.exe\u009b31m";

/** Keeps operations that fare in every way, with the same names and times each day. */
export async function keepSamples(store: OperationStore): Promise<void> {
  const createTime = timestampFromMs(NOON_MS);
  const metadata = packed(OperationMetadataSchema, {
    ...{ createTime, state: State.RUNNING, message: "writing page 3", attempt: 1 },
    progress: { unitsDone: 3n, unitsTotal: 12n, unit: "pages", percent: 25 },
  });
  await keep(store, "running", 5, metadata);
  await keep(store, "waiting", 4, packed(OperationMetadataSchema, { createTime, state: State.PENDING }));
  await keep(store, "stopping", 3, packed(SimulateWorkMetadataSchema, { createTime, cancelRequested: true }));
  await keep(store, "finished", 2, undefined, {
    case: "response",
    value: anyPack(EmptySchema, create(EmptySchema)),
  });
  await keep(store, "refused", 1, FOREIGN, failure(Code.InvalidArgument, "there are no pages"));
  await keep(store, "cancelled", 0, undefined, failure(Code.Canceled, "the caller asked for it"));
}

/** Keeps an operation, later than those of a lower rank: so it is listed before them. */
export async function keep(
  store: OperationStore,
  id: string,
  rank: number,
  metadata?: Any,
  result?: OperationResult,
): Promise<void> {
  const name = `operations/${id}`;
  await store.insert(newStoredOperation({ name, parent: "", createTimeMs: NOON_MS + rank }));
  if (metadata !== undefined) await update(store, name, reportProgress(metadata));
  if (result === undefined) return;
  await update(store, name, complete({ result, endTimeMs: NOON_MS, retentionMs: Number.MAX_SAFE_INTEGER }));
}

/** An error with details of a known and of an unknown type. */
export function failure(code: Code, message: string): OperationResult {
  const field = { field: "pages", description: "is 0" };
  const details = [packed(BadRequestSchema, { fieldViolations: [field] }), FOREIGN];
  return { case: "error", value: create(StatusSchema, { code, message, details }) };
}
