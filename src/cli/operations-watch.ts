import type { Operation } from "../../gen/google/longrunning/operations_pb.ts";
import type { OperationsSeen } from "./operations-seen.ts";

/** Which operations are watched. */
export interface WatchQuery {
  /** The parent, or its collection. */
  readonly parent: string;
  /** An AIP-160 filter; "" for all. */
  readonly filter: string;
}

/** What has become of some operations since the last time. */
export interface OperationChanges {
  /** Those that are new, or other than before: the first time, all. */
  readonly changed: readonly Operation[];
  /** The names of those that are listed no longer. */
  readonly gone: readonly string[];
}

/** Tells of operations: first all that there are, then each change. */
export interface OperationsWatch {
  /**
   * Goes on until the signal aborts, and throws its reason then; throws what the server answers. What was `seen`
   * before is told no more.
   */
  changes(query: WatchQuery, signal: AbortSignal, seen?: OperationsSeen): AsyncIterable<OperationChanges>;
}
