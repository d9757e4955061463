import type { Any } from "@bufbuild/protobuf/wkt";
import type { Status } from "../../gen/google/rpc/status_pb.ts";
import { leaseLost, operationAlreadyDone } from "./errors.ts";
import { LAST_TIME_MS, nextMessage, type StoredOperation } from "./stored-operation.ts";

/**
 * What an operation becomes. Pure: no clock, no store, the same answer every time. The same object back
 * means that nothing changes. The revision is the store's business, and stays.
 */
export type Transition = (stored: StoredOperation) => StoredOperation;

/** How an operation ends: with the packed response of its type, or with the status of what went wrong. */
export type OperationResult =
  | { readonly case: "response"; readonly value: Any }
  | { readonly case: "error"; readonly value: Status };

/**
 * Asks the work to stop; work that waits to be begun again is begun at once, and stops. Of an operation that is done
 * there is nothing to stop, and that is no error.
 */
export const requestCancel: Transition = (stored) =>
  stored.message.done || stored.cancelRequested
    ? stored
    : { ...stored, cancelRequested: true, delayMs: undefined };

/** Tells how far the work is. Throws FAILED_PRECONDITION where the operation is done. */
export function reportProgress(metadata: Any): Transition {
  return (stored) => {
    if (stored.message.done) throw operationAlreadyDone(stored.name);
    return { ...stored, message: nextMessage(stored.message, { metadata }) };
  };
}

/**
 * Ends the operation, with a last report of progress where there is one.
 * Throws FAILED_PRECONDITION where it is done: whoever ended it first, wins. Servers' clocks differ: where it would have
 * ended before it was created, it ended then.
 */
export function complete(end: {
  readonly result: OperationResult;
  readonly metadata?: Any | undefined;
  readonly endTimeMs: number;
  /** For operations that were not told at their start how long they are kept. */
  readonly retentionMs: number;
}): Transition {
  return (stored) => {
    if (stored.message.done) throw operationAlreadyDone(stored.name);
    const endTimeMs = Math.max(end.endTimeMs, stored.createTimeMs);
    return {
      ...stored,
      message: nextMessage(stored.message, { result: end.result, metadata: end.metadata }),
      endTimeMs,
      expireTimeMs: timeOrNever(endTimeMs + (stored.retentionMs ?? end.retentionMs)),
      // Nobody begins it again.
      work: undefined,
      delayMs: undefined,
    };
  };
}

/** What would expire after all times is kept for ever. */
function timeOrNever(ms: number): number | undefined {
  return ms <= LAST_TIME_MS ? ms : undefined;
}

/** Who does the work of an operation, and for the how manieth time it was begun. */
export interface Ownership {
  readonly owner: string;
  readonly attempt: number;
}

/** Whether an operation belongs to an owner, for that attempt. */
export function isOwnedBy(stored: StoredOperation, { owner, attempt }: Ownership): boolean {
  return stored.owner === owner && stored.attempt === attempt;
}

/**
 * Makes a transition only while the operation belongs to an owner, for that attempt. Throws FAILED_PRECONDITION
 * where it does not any more: the fence that keeps a late worker from changing anything.
 */
export function ownedBy(ownership: Ownership, transition: Transition): Transition {
  return (stored) => {
    if (stored.message.done) throw operationAlreadyDone(stored.name);
    if (!isOwnedBy(stored, ownership)) throw leaseLost(stored.name);
    return transition(stored);
  };
}

/** Gives the work to a new owner, who begins it now. Throws FAILED_PRECONDITION where the operation is done. */
export function takeOver(owner: string, startTimeMs: number): Transition {
  return (stored) => {
    if (stored.message.done) throw operationAlreadyDone(stored.name);
    return {
      ...stored,
      owner,
      attempt: stored.attempt + 1,
      delayMs: undefined,
      startTimeMs: stored.startTimeMs ?? startTimeMs,
    };
  };
}

/** Leaves the work, which has stopped, to whoever takes it over. The attempt does not count: nothing went wrong. */
export const giveBack: Transition = (stored) => ({
  ...stored,
  owner: undefined,
  attempt: stored.attempt - 1,
});

/** Leaves the work, which has failed, to whoever begins it again when the delay is over. The attempt counts. */
export function retryAfter(delayMs: number): Transition {
  return waitingFor(delayMs, abandon);
}

/** A transition that leaves its work to others, but not before a delay is over, unless a cancel is asked for. */
export function waitingFor(delayMs: number | undefined, transition: Transition): Transition {
  return (stored) => {
    const next = transition(stored);
    return { ...next, delayMs: next.cancelRequested ? undefined : delayMs };
  };
}

/** A transition after which the operation is traced by this, where it changes anything; undefined: by what it was. */
export function tracedBy(traceParent: string | undefined, transition: Transition): Transition {
  if (traceParent === undefined) return transition;
  return (stored) => {
    const next = transition(stored);
    return next === stored ? stored : { ...next, traceParent };
  };
}

/** Leaves work to whoever takes it over that may go on nonetheless, as that of a server that is gone may. */
export const abandon: Transition = (stored) => ({ ...stored, owner: undefined });
