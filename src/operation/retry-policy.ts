import { Code, ConnectError } from "@connectrpc/connect";
import { RetryInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";

/** When work that failed is begun again, as often as its operation type allows attempts. */
export interface RetryPolicy {
  /** How long the second attempt waits, in milliseconds; each further one waits twice as long as the one before. */
  readonly firstDelayMs: number;
  /** How long an attempt waits at most, in milliseconds. */
  readonly longestDelayMs: number;
  /** Whether another attempt may cure what the work threw. */
  readonly isRetryable: (thrown: unknown) => boolean;
}

const DEFAULT_FIRST_DELAY_MS = 1_000;
const DEFAULT_LONGEST_DELAY_MS = 60_000;

/** How much earlier than it should an attempt may begin, so that those that failed together do not begin together. */
const JITTER = 0.2;

/** Codes that say that the same request fails however often it is made (google/rpc/code.proto, AIP-194). */
const FINAL: ReadonlySet<Code> = new Set([
  Code.Canceled,
  Code.InvalidArgument,
  Code.NotFound,
  Code.AlreadyExists,
  Code.PermissionDenied,
  Code.FailedPrecondition,
  Code.OutOfRange,
  Code.Unimplemented,
  Code.DataLoss,
  Code.Unauthenticated,
]);

/** A policy with its defaults. Throws a RangeError for a delay that can be none. */
export function retryPolicy(policy: Partial<RetryPolicy>): RetryPolicy {
  const { firstDelayMs = DEFAULT_FIRST_DELAY_MS, isRetryable = mayBeCured } = policy;
  const longestDelayMs = policy.longestDelayMs ?? Math.max(firstDelayMs, DEFAULT_LONGEST_DELAY_MS);
  if (!(firstDelayMs >= 0)) throw new RangeError(`firstDelayMs ${firstDelayMs} is no delay`);
  if (!(longestDelayMs >= firstDelayMs && Number.isFinite(longestDelayMs))) {
    throw new RangeError(
      `longestDelayMs ${longestDelayMs} is none that firstDelayMs ${firstDelayMs} fits in`,
    );
  }
  return Object.freeze({ firstDelayMs, longestDelayMs, isRetryable });
}

/** Whether an error is none of those that the same request gets however often it is made. */
export function mayBeCured(thrown: unknown): boolean {
  return !(thrown instanceof ConnectError && FINAL.has(thrown.code));
}

/**
 * How long to wait after an attempt that failed, in milliseconds: up to a fifth less than the policy says, by
 * `random` from 0 to 1, and not less than a google.rpc.RetryInfo in the error does.
 */
export function delayAfter(policy: RetryPolicy, attempt: number, thrown: unknown, random: number): number {
  const delayMs = Math.min(policy.firstDelayMs * 2 ** (attempt - 1), policy.longestDelayMs);
  return Math.max(Math.round(delayMs * (1 - JITTER * random)), askedForMs(thrown));
}

function askedForMs(thrown: unknown): number {
  if (!(thrown instanceof ConnectError)) return 0;
  const [delay] = thrown.findDetails(RetryInfoSchema).map(({ retryDelay }) => retryDelay);
  return delay === undefined ? 0 : Number(delay.seconds) * 1_000 + Math.ceil(delay.nanos / 1e6);
}
