import assert from "node:assert/strict";
import { create } from "@bufbuild/protobuf";
import { type Any, AnySchema } from "@bufbuild/protobuf/wkt";
import { StatusSchema } from "../../../gen/google/rpc/status_pb.ts";
import { collectionOf } from "../../operation/operation-name.ts";
import { newStoredOperation, type StoredOperation } from "../../operation/stored-operation.ts";
import {
  complete,
  type OperationResult,
  reportProgress,
  type Transition,
} from "../../operation/transition.ts";
import type { OperationStore } from "../../store/operation-store.ts";

/** When sample operations are created: noon on the first day of 2026, UTC. */
export const NOON_MS = Date.UTC(2026, 0, 1, 12);

/** An operation whose work runs. */
export function running(
  id: string,
  start: Partial<Omit<Parameters<typeof newStoredOperation>[0], "name">> = {},
): StoredOperation {
  const { parent = "" } = start;
  const name = `${collectionOf(parent)}/${id}`;
  return newStoredOperation({ createTimeMs: NOON_MS, ...start, name, parent });
}

/** What a transition makes of an operation, with the revision that a store expects next. */
export function next(stored: StoredOperation, transition: Transition): StoredOperation {
  return { ...transition(stored), revision: stored.revision + 1 };
}

/** The next revision of an operation, which tells of progress. */
export function progressed(stored: StoredOperation, stepsDone = stored.revision): StoredOperation {
  return next(stored, reportProgress(anyOf("type.example.com/example.Progress", [8, stepsDone & 0x7f])));
}

/** The next revision of an operation, which is done. */
export function ended(
  stored: StoredOperation,
  expireTimeMs: number,
  result: OperationResult = {
    case: "response",
    value: anyOf("type.googleapis.com/google.protobuf.Empty", []),
  },
): StoredOperation {
  return next(
    stored,
    complete({ result, endTimeMs: NOON_MS + 1_000, retentionMs: expireTimeMs - NOON_MS - 1_000 }),
  );
}

/** An operation that is done and may be forgotten from `expireTimeMs` on, and never was anything else. */
export function alreadyEnded(id: string, expireTimeMs: number): StoredOperation {
  return { ...ended(running(id), expireTimeMs), revision: 1 };
}

/** An Any of that type and those bytes. */
export function anyOf(typeUrl: string, bytes: Iterable<number>): Any {
  return create(AnySchema, { typeUrl, value: Uint8Array.from(bytes) });
}

/** What an operation failed with: a code, a message beyond ASCII, and two details. */
export function failure(): OperationResult {
  return {
    case: "error",
    value: create(StatusSchema, {
      code: 8,
      message: "quota “Füße” is used up 😀",
      details: [anyOf("type.googleapis.com/google.rpc.ErrorInfo", [1, 0, 255]), anyOf("a/b.C", [])],
    }),
  };
}

/** Keeps operations that are new to the store. */
export async function keep(store: OperationStore, ...operations: StoredOperation[]): Promise<void> {
  for (const operation of operations) {
    assert.equal(await store.insert(operation), true, `the store keeps ${operation.name}`);
  }
}

/** Asserts that an operation has come back as it went in, in every field. */
export function assertSame(actual: StoredOperation | undefined, expected: StoredOperation): void {
  assert.ok(actual !== undefined, `${expected.name} is kept`);
  assert.deepEqual(fieldsOf(actual), fieldsOf(expected));
}

/** Every field of an operation in a form that compares by value, whatever holds its bytes. */
function fieldsOf(stored: StoredOperation): object {
  const { name, metadata, done, result } = stored.message;
  return {
    name: stored.name,
    parent: stored.parent,
    revision: stored.revision,
    message: { name, done, metadata: anyFields(metadata), result: resultFields(result) },
    cancelRequested: stored.cancelRequested,
    createTimeMs: stored.createTimeMs,
    startTimeMs: stored.startTimeMs,
    endTimeMs: stored.endTimeMs,
    expireTimeMs: stored.expireTimeMs,
    owner: stored.owner,
    attempt: stored.attempt,
    work: stored.work && { handler: stored.work.handler, input: anyFields(stored.work.input) },
    request: stored.request && { ...stored.request },
    principal: stored.principal,
    traceParent: stored.traceParent,
    retentionMs: stored.retentionMs,
    delayMs: stored.delayMs,
  };
}

function anyFields(any: Any | undefined): object | undefined {
  return any && { typeUrl: any.typeUrl, value: Buffer.from(any.value).toString("hex") };
}

function resultFields(result: StoredOperation["message"]["result"]): object | undefined {
  if (result.case === undefined) return undefined;
  if (result.case === "response") return { response: anyFields(result.value) };
  const { code, message, details } = result.value;
  return { error: { code, message, details: details.map(anyFields) } };
}
