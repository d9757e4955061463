import type { StoredOperation } from "../operation/stored-operation.ts";

/** How a wait ends: with the operation that is done, with undefined where the time is up or it is gone, or in vain. */
export type WaitEnd = StoredOperation | undefined | Promise<never>;

/** One call that waits for an operation. */
export interface Waiter {
  /** Ends the wait. What it is told later changes nothing. */
  tell(end: WaitEnd): void;
}
