import { type CallOptions, Code, ConnectError } from "@connectrpc/connect";
import { type Clock, systemClock } from "../time/clock.ts";
import { sleep } from "../time/sleep.ts";
import { Backoff } from "./backoff.ts";
import { countdown, withTimeLeft } from "./countdown.ts";

/** Google's own clients try so often. */
const DEFAULT_MAX_ATTEMPTS = 5;
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 10_000;

/** How often a call is tried again, and by which clock and chance. */
export interface RetryOptions {
  /** How often a get, list, cancel or delete is tried, the first time included. 5 by default; 1 never retries. */
  readonly maxAttempts?: number | undefined;
  /** After how many failures in a row, none of them final, a wait gives up. 10 by default. */
  readonly maxWaitFailures?: number | undefined;
  /** Tells the time and rings; the machine's own by default. */
  readonly clock?: Clock | undefined;
  /** Answers numbers from 0 up to, but not including, 1, for the jitter; `Math.random` by default. */
  readonly random?: (() => number) | undefined;
}

/** The delays between attempts, as Google's own clients have them. */
export function retryBackoff(options: RetryOptions): Backoff {
  return new Backoff(FIRST_DELAY_MS, LONGEST_DELAY_MS, options.random ?? Math.random);
}

/**
 * Whether the same call may be sent again: the server was not available, or refused the stream, and so has
 * done nothing of it (AIP-194, RFC 9113 section 8.7).
 */
export function mayBeRetried(error: unknown): boolean {
  return error instanceof ConnectError && (error.code === Code.Unavailable || isRefusedStream(error.cause));
}

/**
 * Whether the connection was lost while the server worked on the call. gRPC calls that UNAVAILABLE; connect's
 * transports have other names for it: CANCELED (an HTTP/2 session that was destroyed), ABORTED (a socket that
 * was reset) and UNKNOWN (what fetch calls a network error). The server may have done what it was asked, so only
 * a read may be sent again, and only while the caller has not cancelled it.
 */
export function isLostConnection(error: unknown): boolean {
  if (!(error instanceof ConnectError)) return false;
  const { code, cause } = error;
  if (code === Code.Canceled) return true;
  if (code === Code.Unknown) return cause instanceof TypeError;
  return code === Code.Aborted && cause instanceof Error && "code" in cause;
}

// A call that meets a GOAWAY ends with INTERNAL in connect-node; what it was stands in the chain of causes.
function isRefusedStream(reason: unknown, depth = 0): boolean {
  if (!(reason instanceof Error) || depth > 10) return false;
  if ("code" in reason && reason.code === "ERR_HTTP2_GOAWAY_SESSION") return true;
  return reason.message.includes("NGHTTP2_REFUSED_STREAM") || isRefusedStream(reason.cause, depth + 1);
}

/**
 * Calls until an attempt succeeds, fails for good, or was the last. `timeoutMs` bounds all attempts together,
 * and an attempt is told how many have failed before it. Throws what the last attempt threw.
 */
export async function retried<Answer>(
  attempt: (options: CallOptions, failures: number) => Promise<Answer>,
  options: CallOptions,
  retry: RetryOptions,
): Promise<Answer> {
  const { clock = systemClock, maxAttempts = DEFAULT_MAX_ATTEMPTS } = retry;
  const leftMs = countdown(clock, options.timeoutMs);
  const backoff = retryBackoff(retry);
  for (let failures = 0; ; ) {
    try {
      return await attempt(withTimeLeft(options, leftMs()), failures);
    } catch (error) {
      failures += 1;
      if (options.signal?.aborted || failures >= maxAttempts || !mayBeRetried(error)) throw error;
      const delayMs = backoff.nextMs();
      if (delayMs >= leftMs()) throw error;
      await pause(clock, delayMs, options.signal);
    }
  }
}

// An abort reads the same, whether it comes during a call or between two.
async function pause(clock: Clock, delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(clock, delayMs, signal);
  } catch (reason) {
    throw ConnectError.from(reason, Code.Canceled);
  }
}
