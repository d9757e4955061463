import type { OperationChanges } from "./operation-changes.ts";
import type { OperationsSeen } from "./operations-seen.ts";

/** Which operations are watched. */
export interface WatchQuery {
  /** The parent, or its collection. */
  readonly parent: string;
  /** An AIP-160 filter; "" for all. */
  readonly filter: string;
}

/** Tells of operations: first all that there are, then each change. */
export interface OperationsWatch {
  /**
   * Goes on until the signal aborts, and throws its reason then; throws what the server answers. What was `seen`
   * before is told no more.
   */
  changes(query: WatchQuery, signal: AbortSignal, seen?: OperationsSeen): AsyncIterable<OperationChanges>;
}
