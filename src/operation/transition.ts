import type { Any } from "@bufbuild/protobuf/wkt";
import type { Status } from "../../gen/google/rpc/status_pb.ts";
import { leaseLost, operationAlreadyDone } from "./errors.ts";
import { nextMessage, type StoredOperation } from "./stored-operation.ts";

/**
 * What an operation becomes. Pure: no clock, no store, the same answer every time. The same object back
 * means that nothing changes. The revision is the store's business, and stays.
 */
export type Transition = (stored: StoredOperation) => StoredOperation;

/** How an operation ends: with the packed response of its type, or with the status of what went wrong. */
export type OperationResult =
  | { readonly case: "response"; readonly value: Any }
  | { readonly case: "error"; readonly value: Status };

/** Asks the work to stop. Of an operation that is done there is nothing to stop, and that is no error. */
export const requestCancel: Transition = (stored) =>
  stored.message.done || stored.cancelRequested ? stored : { ...stored, cancelRequested: true };

/** Tells how far the work is. Throws FAILED_PRECONDITION where the operation is done. */
export function reportProgress(metadata: Any): Transition {
  return (stored) => {
    if (stored.message.done) throw operationAlreadyDone(stored.name);
    return { ...stored, message: nextMessage(stored.message, { metadata }) };
  };
}

/**
 * Ends the operation, with a last report of progress where there is one.
 * Throws FAILED_PRECONDITION where it is done: whoever ended it first, wins.
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
    return {
      ...stored,
      message: nextMessage(stored.message, { result: end.result, metadata: end.metadata }),
      endTimeMs: end.endTimeMs,
      expireTimeMs: finite(end.endTimeMs + (stored.retentionMs ?? end.retentionMs)),
      // Nobody begins it again.
      work: undefined,
    };
  };
}

/** What is kept for ever has no time to expire. */
function finite(ms: number): number | undefined {
  return Number.isFinite(ms) ? ms : undefined;
}

/**
 * Makes a transition only while the operation belongs to an owner. Throws FAILED_PRECONDITION where it belongs
 * to another by now: the fence that keeps a late worker from changing anything.
 */
export function ownedBy(owner: string, transition: Transition): Transition {
  return (stored) => {
    if (stored.message.done) throw operationAlreadyDone(stored.name);
    if (stored.owner !== owner) throw leaseLost(stored.name);
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
      startTimeMs: stored.startTimeMs ?? startTimeMs,
    };
  };
}

/** Leaves the work to whoever takes it over. The attempt, which nothing went wrong with, does not count. */
export const giveBack: Transition = (stored) => ({
  ...stored,
  owner: undefined,
  attempt: stored.attempt - 1,
});
