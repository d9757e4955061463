import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { OperationSchema } from "../../../gen/google/longrunning/operations_pb.ts";
import { keptMessage, type StoredOperation } from "../../operation/stored-operation.ts";
import type { Row } from "./columns.ts";

/** Longer than all times that can be told: some 8,000 years. */
const LONGEST_MS = 253_402_300_799_999;

/** The retention of what is kept for ever. */
const FOR_EVER = Number.MAX_SAFE_INTEGER;

/** The row of an operation. */
export function rowOf(stored: StoredOperation): Row {
  return [
    stored.name,
    stored.parent,
    stored.revision,
    toBinary(OperationSchema, stored.message),
    stored.cancelRequested ? 1 : 0,
    wholeMs(stored.createTimeMs),
    wholeMs(stored.startTimeMs),
    wholeMs(stored.endTimeMs),
    wholeMs(stored.expireTimeMs),
    stored.owner ?? null,
    stored.attempt,
    stored.work?.handler ?? null,
    stored.work === undefined ? null : toBinary(AnySchema, stored.work.input),
    stored.request?.id ?? null,
    stored.request?.digest ?? null,
    stored.retentionMs !== undefined && stored.retentionMs > LONGEST_MS
      ? FOR_EVER
      : wholeMs(stored.retentionMs),
  ];
}

/** The operation of a row. */
export function operationOf(row: Row): StoredOperation {
  const [name, parent, revision, message, cancelRequested, createTime, startTime, endTime, expireTime] = row;
  const [owner, attempt, handler, input, requestId, requestDigest, retention] = row.slice(9);
  return {
    name: String(name),
    parent: String(parent),
    revision: Number(revision),
    message: keptMessage(fromBinary(OperationSchema, message as Uint8Array)),
    cancelRequested: cancelRequested === 1,
    createTimeMs: Number(createTime),
    startTimeMs: numberOf(startTime),
    endTimeMs: numberOf(endTime),
    expireTimeMs: numberOf(expireTime),
    owner: textOf(owner),
    attempt: Number(attempt),
    work:
      typeof handler === "string"
        ? { handler, input: Object.freeze(fromBinary(AnySchema, input as Uint8Array)) }
        : undefined,
    request: typeof requestId === "string" ? { id: requestId, digest: String(requestDigest) } : undefined,
    retentionMs: retention === FOR_EVER ? Number.POSITIVE_INFINITY : numberOf(retention),
  };
}

/** A time as a column keeps it. */
function wholeMs(ms: number | undefined): number | null {
  return ms === undefined || !Number.isFinite(ms) ? null : Math.ceil(ms);
}

function numberOf(value: Row[number] | undefined): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function textOf(value: Row[number] | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
