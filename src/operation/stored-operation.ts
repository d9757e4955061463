import { create } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { type Operation, OperationSchema } from "../../gen/google/longrunning/operations_pb.ts";
import { collectionOf } from "./operation-name.ts";

/**
 * An operation as a store keeps it: what a client sees, and what only the server knows.
 * Nobody changes one; a transition makes the next.
 */
export interface StoredOperation {
  /** `operations/ID` or `{parent}/operations/ID`. */
  readonly name: string;
  /** The resource that the operation belongs to; "" at the top level. */
  readonly parent: string;
  /** 1 for a new operation, and 1 more with every change. */
  readonly revision: number;
  /** What a client sees. Frozen: whoever hands it on hands on a copy. */
  readonly message: Readonly<Operation>;
  /** Whether a client has asked for the work to stop. */
  readonly cancelRequested: boolean;
  /** Milliseconds since the epoch. Operations are listed by it. */
  readonly createTimeMs: number;
  /** Milliseconds since the epoch; undefined while the work runs. */
  readonly endTimeMs: number | undefined;
  /** Milliseconds since the epoch, from which on the operation may be forgotten; undefined while the work runs. */
  readonly expireTimeMs: number | undefined;
}

/** A new operation whose work has not reported yet, or only what `metadata` holds. */
export function newStoredOperation(start: {
  readonly name: string;
  readonly parent: string;
  readonly createTimeMs: number;
  readonly metadata?: Any | undefined;
}): StoredOperation {
  if (!start.name.startsWith(`${collectionOf(start.parent)}/`)) {
    throw new TypeError(`operation "${start.name}" is not in ${collectionOf(start.parent)}`);
  }
  return {
    name: start.name,
    parent: start.parent,
    revision: 1,
    message: frozen(create(OperationSchema, withMetadata({ name: start.name }, start.metadata))),
    cancelRequested: false,
    createTimeMs: start.createTimeMs,
    endTimeMs: undefined,
    expireTimeMs: undefined,
  };
}

/** The next state of an operation: what is given is changed, the rest stays. */
export function nextMessage(
  before: Readonly<Operation>,
  change: { readonly metadata?: Any | undefined; readonly result?: Operation["result"] },
): Readonly<Operation> {
  const result = change.result ?? before.result;
  const base = { name: before.name, done: result.case !== undefined, result };
  return frozen(create(OperationSchema, withMetadata(base, change.metadata ?? before.metadata)));
}

/** A copy of an operation's message that its receiver may change, down to the bytes. */
export function copyOfMessage({ name, done, result, metadata }: Readonly<Operation>): Operation {
  const base = { name, done, result: copyOfResult(result) };
  return create(OperationSchema, withMetadata(base, metadata && copyOfAny(metadata)));
}

function copyOfResult(result: Operation["result"]): Operation["result"] {
  switch (result.case) {
    case "response":
      return { case: result.case, value: copyOfAny(result.value) };
    case "error":
      return { case: result.case, value: { ...result.value, details: result.value.details.map(copyOfAny) } };
    default:
      return result;
  }
}

function copyOfAny(any: Any): Any {
  return { ...any, value: new Uint8Array(any.value) };
}

function withMetadata<T extends object>(init: T, metadata: Any | undefined): T & { metadata?: Any } {
  return metadata === undefined ? init : { ...init, metadata };
}

function frozen(message: Operation): Readonly<Operation> {
  Object.freeze(message.metadata);
  Object.freeze(message.result.value);
  Object.freeze(message.result);
  return Object.freeze(message);
}
