import { durationText } from "../summary/duration-text.ts";

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DAY = new Intl.DateTimeFormat(undefined, { year: "numeric", month: "short", day: "numeric" });

/** `just now`, `12s ago`, `in 30d`. */
export function agoText(timeMs: number, nowMs: number): string {
  const ms = nowMs - timeMs;
  if (Math.abs(ms) < 1_000) return "just now";
  return ms > 0 ? `${durationText(ms)} ago` : `in ${durationText(-ms)}`;
}

/** `21 Nov 2026, 12:03:44`, as people write it where the browser is. */
export function timeText(time: Date): string {
  return `${DAY.format(time)}, ${CLOCK.format(time)}`;
}
