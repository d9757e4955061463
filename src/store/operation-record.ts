import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { OperationSchema } from "../../gen/google/longrunning/operations_pb.ts";
import { metadataTypeOf } from "../operation/metadata-type.ts";
import { keptMessage, LAST_TIME_MS, type StoredOperation } from "../operation/stored-operation.ts";
import type { OperationRecord } from "./columns.ts";
import { bytesOfOperation } from "./operation-bytes.ts";

/** The retention of what is kept for ever. */
const FOR_EVER = Number.MAX_SAFE_INTEGER;

/** The columns of an operation, in the order of `COLUMNS`. */
export function recordOf(stored: StoredOperation): OperationRecord {
  return {
    name: stored.name,
    parent: stored.parent,
    revision: stored.revision,
    message: bytesOfOperation(stored.message),
    cancel_requested: stored.cancelRequested ? 1 : 0,
    create_time: Math.ceil(stored.createTimeMs),
    start_time: wholeMs(stored.startTimeMs),
    end_time: wholeMs(stored.endTimeMs),
    expire_time: wholeMs(stored.expireTimeMs),
    owner: stored.owner ?? null,
    attempt: stored.attempt,
    handler: stored.work?.handler ?? null,
    input: stored.work === undefined ? null : toBinary(AnySchema, stored.work.input),
    request_id: stored.request?.id ?? null,
    request_digest: stored.request?.digest ?? null,
    principal: stored.principal ?? null,
    trace_parent: stored.traceParent ?? null,
    metadata_type: metadataTypeOf(stored),
    retention:
      stored.retentionMs !== undefined && stored.retentionMs > LAST_TIME_MS
        ? FOR_EVER
        : wholeMs(stored.retentionMs),
    delay: wholeMs(stored.delayMs),
  };
}

/** The operation of its columns. */
export function operationOf(record: OperationRecord): StoredOperation {
  const { handler, input, request_id: id, request_digest: digest } = record;
  return {
    name: record.name,
    parent: record.parent,
    revision: record.revision,
    message: keptMessage(fromBinary(OperationSchema, record.message)),
    cancelRequested: record.cancel_requested === 1,
    createTimeMs: record.create_time,
    startTimeMs: record.start_time ?? undefined,
    endTimeMs: record.end_time ?? undefined,
    expireTimeMs: record.expire_time ?? undefined,
    owner: record.owner ?? undefined,
    attempt: record.attempt,
    work:
      handler === null || input === null
        ? undefined
        : { handler, input: Object.freeze(fromBinary(AnySchema, input)) },
    request: id === null || digest === null ? undefined : { id, digest },
    principal: record.principal ?? undefined,
    traceParent: record.trace_parent ?? undefined,
    retentionMs: record.retention === FOR_EVER ? Number.POSITIVE_INFINITY : (record.retention ?? undefined),
    delayMs: record.delay ?? undefined,
  };
}

/** The type by which the operation of these bytes is listed. Of damaged ones it is none: they keep no other from it. */
export function metadataTypeIn(message: Uint8Array): string {
  try {
    return metadataTypeOf({ message: fromBinary(OperationSchema, message) });
  } catch {
    return "";
  }
}

/** A time as a column keeps it. */
function wholeMs(ms: number | undefined): number | null {
  return ms === undefined || !Number.isFinite(ms) ? null : Math.ceil(ms);
}
