import type { OperationType } from "./operation-type.ts";
import type { StoredOperation } from "./stored-operation.ts";

/**
 * How one attempt at work ended here: with a response, with an error, with CANCELLED, left to be begun again, or not at
 * all, because the operation is another's, deleted, or done by somebody else.
 */
export type WorkEnd = "completed" | "failed" | "cancelled" | "again" | "over";

/** Hears of one attempt at the work of an operation. */
export interface WorkObserver {
  /** What the operation is traced by from now on (`StoredOperation.traceParent`); undefined: as before. */
  readonly traceParent: string | undefined;
  /** Begins the work, so that whatever it does is known to be done for it. */
  within<Value>(begin: () => Value): Value;
  /** A report of progress is kept. */
  reported(): void;
  /** The attempt has ended. Called once. */
  ended(end: WorkEnd): void;
}

/**
 * Hears how operations fare on this server: in the manager of work, leases and sweeps, in the service of waits. None
 * of its methods may take long. What one throws goes to the log, and changes nothing for the operation.
 */
export interface OperationObserver {
  /** What a new operation is traced by: the W3C `traceparent` of what starts it. */
  traceParent?(): string | undefined;
  /** A new operation of this type is kept. */
  started?(stored: StoredOperation, type: OperationType): void;
  /** An attempt at the work of an operation begins. Answers who hears of it. */
  workBegins?(stored: StoredOperation, type: OperationType): WorkObserver | undefined;
  /** A call begins to wait. Answers what is to be called at its end, with the operation as it is answered. */
  waitBegins?(name: string): (stored: StoredOperation | undefined) => void;
  /** Work that runs here is another's now: this process has lost its lease. */
  leaseLost?(name: string): void;
  /** A sweep has forgotten so many operations whose time was over. */
  swept?(expired: number): void;
}
