import { UsageError } from "./usage-error.ts";

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads `500ms`, `30s`, `1.5m`, `2h` or `1d`, as milliseconds. Throws a UsageError that names the flag. */
export function readDuration(flag: string, text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? [];
  const ms = Number(amount) * (UNIT_MS[unit ?? ""] ?? 0);
  if (ms >= 0) return ms;
  throw new UsageError(`${flag} "${text}" is not a duration such as 500ms, 30s or 2m`);
}

/** Reads a duration that is more than nothing. Throws a UsageError that names the flag. */
export function readPositiveDuration(flag: string, text: string): number {
  const ms = readDuration(flag, text);
  if (ms > 0) return ms;
  throw new UsageError(`${flag} "${text}" is no time at all`);
}

/** A duration as people read it, in two units at the most: `18s`, `3m 5s`, `2h 10m`, `4d 1h`. */
export function durationText(ms: number): string {
  if (ms > 0 && ms < 1_000) return `${Math.round(ms)}ms`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return both(`${minutes}m`, seconds % 60, "s");
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return both(`${hours}h`, minutes % 60, "m");
  return both(`${Math.floor(hours / 24)}d`, hours % 24, "h");
}

function both(large: string, small: number, unit: string): string {
  return small === 0 ? large : `${large} ${small}${unit}`;
}
