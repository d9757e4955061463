import type { Duration } from "@bufbuild/protobuf/wkt";
import { invalidField } from "../operation/errors.ts";
import { durationFault, durationMs } from "../time/duration.ts";

/**
 * How long before the caller's deadline a wait is answered, so that the answer arrives in time:
 * a share of the time left, but at least and at most so many milliseconds.
 */
export interface DeadlineMargin {
  /** 0 to 1. */
  readonly share: number;
  readonly leastMs: number;
  readonly mostMs: number;
}

export const DEFAULT_DEADLINE_MARGIN: DeadlineMargin = { share: 0.05, leastMs: 20, mostMs: 1_000 };

/** The longest that a wait lasts by default: fetch in Node gives up on a server that is silent for 5 minutes. */
export const DEFAULT_MAX_WAIT_MS = 4 * 60_000;

/**
 * How long a WaitOperation waits, in milliseconds: the least of the request's timeout, the time until the
 * RPC's deadline less a margin, and the server's own limit. 0 answers at once.
 *
 * Throws INVALID_ARGUMENT where the timeout is negative or not a duration.
 */
export function waitLimitMs(
  timeout: Duration | undefined,
  deadlineMs: number | undefined,
  limits: { readonly maxWaitMs: number; readonly margin: DeadlineMargin },
): number {
  let limitMs = limits.maxWaitMs;
  if (timeout !== undefined) {
    const fault = durationFault(timeout);
    if (fault !== undefined) {
      throw invalidField("timeout", `${timeout.seconds}s ${timeout.nanos}ns`, `is no time to wait: ${fault}`);
    }
    limitMs = Math.min(limitMs, durationMs(timeout));
  }
  if (deadlineMs !== undefined) {
    const { share, leastMs, mostMs } = limits.margin;
    const marginMs = Math.min(Math.max(deadlineMs * share, leastMs), mostMs);
    limitMs = Math.min(limitMs, deadlineMs - marginMs);
  }
  return Math.max(0, limitMs);
}
