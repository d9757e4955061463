import { readDuration } from "../server/flag-values.ts";
import { UsageError } from "../server/usage-error.ts";

/** Reads a duration that is more than nothing. Throws a UsageError that names the flag. */
export function readPositiveDuration(flag: string, text: string): number {
  const ms = readDuration(flag, text);
  if (ms > 0) return ms;
  throw new UsageError(`${flag} "${text}" is no time at all`);
}
