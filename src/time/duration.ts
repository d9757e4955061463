import { create } from "@bufbuild/protobuf";
import { type Duration, DurationSchema } from "@bufbuild/protobuf/wkt";

/** The longest google.protobuf.Duration: some 10,000 years, in seconds. */
const LONGEST_SECONDS = 315_576_000_000n;

/** A duration in milliseconds, with nanoseconds as its fraction. */
export function durationMs(duration: Duration): number {
  return Number(duration.seconds) * 1_000 + duration.nanos / 1_000_000;
}

/** The duration of so many milliseconds, to the nanosecond, rounded down. */
export function durationOfMs(ms: number): Duration {
  const seconds = Math.floor(ms / 1_000);
  return create(DurationSchema, {
    seconds: BigInt(seconds),
    nanos: Math.floor((ms - seconds * 1_000) * 1_000_000),
  });
}

/**
 * What is wrong with a duration, if anything: it must lie in the range that google.protobuf.Duration
 * documents, with seconds and nanos of one sign, and not be negative.
 */
export function durationFault(duration: Duration): string | undefined {
  const { seconds, nanos } = duration;
  if (Math.abs(nanos) > 999_999_999) return `nanos ${nanos} are not between -999999999 and 999999999`;
  if ((seconds > 0n && nanos < 0) || (seconds < 0n && nanos > 0))
    return `seconds ${seconds} and nanos ${nanos} differ in sign`;
  if (seconds < 0n || nanos < 0) return `${seconds}s and ${nanos}ns are negative`;
  if (seconds > LONGEST_SECONDS) return `${seconds}s are more than ${LONGEST_SECONDS}s`;
  return undefined;
}
