/** Times in whole milliseconds since the epoch, both included. Undefined: as early, or as late, as may be. */
export interface TimeRange {
  readonly fromMs?: number | undefined;
  readonly untilMs?: number | undefined;
}

/**
 * Operations that lie beside each other in another order than that of a List: those whose names begin so, those that expire
 * between two times, and those of a parent that ended between two times.
 */
export type OperationRange =
  | { readonly of: "name"; readonly prefix: string }
  | ({ readonly of: "expireTime" } & TimeRange)
  | ({ readonly of: "endTime"; readonly parent: string } & TimeRange);
