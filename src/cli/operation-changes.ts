import type { Operation } from "../../gen/google/longrunning/operations_pb.ts";

/** What has become of some operations since the last time. */
export interface OperationChanges {
  /** Those that are new, or other than before: the first time, all. */
  readonly changed: readonly Operation[];
  /** The names of those that are listed no longer. */
  readonly gone: readonly string[];
}
