import type { CallOptions } from "@connectrpc/connect";
import type { Clock } from "../time/clock.ts";

/** The longest delay that a JavaScript timer takes, and Connect's deadline is one; beyond it, it fires at once. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * Starts to count down from `timeoutMs`. Answers how many milliseconds are left: fewer than 0 when it is over,
 * and Infinity where there is no timeout, which for Connect's CallOptions also 0 and less mean.
 */
export function countdown(clock: Clock, timeoutMs: number | undefined): () => number {
  if (timeoutMs === undefined || timeoutMs <= 0) return () => Number.POSITIVE_INFINITY;
  const endMs = clock.monotonicMs() + timeoutMs;
  return () => endMs - clock.monotonicMs();
}

/** The options for an RPC that may take `leftMs`. Without an end, they stay as they are. */
export function withTimeLeft(options: CallOptions, leftMs: number): CallOptions {
  if (leftMs === Number.POSITIVE_INFINITY) return options;
  // On the wire it is a whole number, and 0 would mean no timeout.
  return { ...options, timeoutMs: Math.min(Math.max(Math.ceil(leftMs), 1), LONGEST_TIMEOUT_MS) };
}
