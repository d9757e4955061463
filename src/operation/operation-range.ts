/**
 * Operations that lie beside each other in another order than that of a List: those whose names begin so, and those that
 * expire between two times, in whole milliseconds since the epoch, both included.
 */
export type OperationRange =
  | { readonly of: "name"; readonly prefix: string }
  | {
      readonly of: "expireTime";
      readonly fromMs?: number | undefined;
      readonly untilMs?: number | undefined;
    };
