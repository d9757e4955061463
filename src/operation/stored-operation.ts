import { create } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { type Operation, OperationSchema } from "../../gen/google/longrunning/operations_pb.ts";
import { collectionOf } from "./operation-name.ts";

/** The last moment that a google.protobuf.Timestamp can tell, the end of the year 9999. What is kept longer is kept for ever. */
export const LAST_TIME_MS = 253_402_300_799_999;

/** What it takes to begin work again on another server: the handler that knows how, and what it is asked for. */
export interface StoredWork {
  /** The name of the operation type that the handler is registered for. */
  readonly handler: string;
  /** What the work is asked to do. Frozen. */
  readonly input: Readonly<Any>;
}

/** The request that started an operation, for one that comes again (AIP-155). */
export interface StoredRequest {
  /** The caller's `request_id`. While the operation is kept, no other has it. */
  readonly id: string;
  /** What tells one input from another. */
  readonly digest: string;
}

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
  /** Milliseconds since the epoch, at which the work was first begun; undefined where no server of ours runs it. */
  readonly startTimeMs: number | undefined;
  /** Milliseconds since the epoch, and no earlier than it was created; undefined while the work runs. */
  readonly endTimeMs: number | undefined;
  /** Milliseconds since the epoch, from which on the operation may be forgotten; undefined while it runs, or for ever. */
  readonly expireTimeMs: number | undefined;
  /** Who runs the work, and holds a lease while it does; undefined where no server of ours does. */
  readonly owner: string | undefined;
  /** How often the work was begun: 1 while it runs for the first time. */
  readonly attempt: number;
  /** Undefined for work that ends with its server. */
  readonly work: StoredWork | undefined;
  /** How long the work waits, from when this revision is kept, before anybody takes it over, in milliseconds. */
  readonly delayMs: number | undefined;
  /** Undefined where the caller gave no `request_id`. */
  readonly request: StoredRequest | undefined;
  /**
   * Who started it, by the ID that the server's authentication gave them; undefined where nobody was authenticated. It
   * never changes. Stores index it: it has no NUL, and 1,000 bytes at most.
   */
  readonly principal: string | undefined;
  /**
   * What its story is traced by: the W3C `traceparent` of the span that started it, and once its work has written
   * something, of the work's. Undefined where nobody traces.
   */
  readonly traceParent: string | undefined;
  /** How long it is kept once it is done, in milliseconds; undefined: as long as whoever ends it says. */
  readonly retentionMs: number | undefined;
}

/** A new operation whose work has not reported yet, or only what `metadata` holds. */
export function newStoredOperation(start: {
  readonly name: string;
  readonly parent: string;
  readonly createTimeMs: number;
  readonly metadata?: Any | undefined;
  readonly owner?: string | undefined;
  readonly work?: StoredWork | undefined;
  readonly delayMs?: number | undefined;
  readonly request?: StoredRequest | undefined;
  readonly principal?: string | undefined;
  readonly traceParent?: string | undefined;
  readonly retentionMs?: number | undefined;
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
    startTimeMs: start.owner === undefined ? undefined : start.createTimeMs,
    endTimeMs: undefined,
    expireTimeMs: undefined,
    owner: start.owner,
    attempt: start.owner === undefined ? 0 : 1,
    work: start.work,
    delayMs: start.delayMs,
    request: start.request,
    principal: start.principal,
    traceParent: start.traceParent,
    retentionMs: start.retentionMs,
  };
}

/** The handler that the work of an operation waits for, and may be begun by now; undefined where it waits for none. */
export function awaitedHandler({ message, owner, work, delayMs }: StoredOperation): string | undefined {
  const waits = !message.done && owner === undefined && delayMs === undefined;
  return waits ? work?.handler : undefined;
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

/** A message that was read from where operations are kept, as part of a StoredOperation: nobody changes it now. */
export function keptMessage(message: Operation): Readonly<Operation> {
  return frozen(message);
}

/** A copy of an operation's message that its receiver may change, down to the bytes. */
export function copyOfMessage({ name, done, result, metadata }: Readonly<Operation>): Operation {
  const base = { name, done, result: copyOfResult(result) };
  return create(OperationSchema, withMetadata(base, metadata && copyOfAny(metadata)));
}

/** About how many bytes a message takes, without encoding it. */
export function sizeOfMessage({ name, metadata, result }: Readonly<Operation>): number {
  return name.length + (metadata === undefined ? 0 : sizeOfAny(metadata)) + sizeOfResult(result);
}

function sizeOfResult(result: Operation["result"]): number {
  if (result.case === undefined) return 0;
  if (result.case === "response") return sizeOfAny(result.value);
  return result.value.details.reduce((sum, any) => sum + sizeOfAny(any), result.value.message.length);
}

function sizeOfAny({ typeUrl, value }: Any): number {
  return typeUrl.length + value.length;
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
