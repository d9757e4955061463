import { tooManyWaits } from "../operation/errors.ts";
import { Share } from "../operation/share.ts";

/** Many, for one process of Node: a call that waits takes some 8 KB, and 37 KB where it comes through Connect's handlers. */
const DEFAULT_MAX_WAITS = 100_000;

/** How many calls may wait at once. */
export interface WaitShareOptions {
  /** How many calls may wait or watch at once. 100,000 by default; one more gets RESOURCE_EXHAUSTED. */
  readonly maxWaits?: number | undefined;
  /** How many calls of one principal may wait or watch at once. Any number by default. */
  readonly maxWaitsPerPrincipal?: number | undefined;
}

/** What each call that waits takes one of: the same for all services that let callers wait. */
export function waitShare({ maxWaits, maxWaitsPerPrincipal }: WaitShareOptions): Share {
  return new Share(
    { most: maxWaits ?? DEFAULT_MAX_WAITS, mostOfPrincipal: maxWaitsPerPrincipal },
    tooManyWaits,
  );
}
