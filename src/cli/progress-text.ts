import { plainText } from "../server/plain-text.ts";
import { durationText } from "../summary/duration-text.ts";
import type { Progress } from "../summary/progress.ts";
import { cutToWidth } from "./text-width.ts";

/** What a line of progress tells. */
export interface ProgressView {
  readonly state: string;
  readonly progress: Progress | undefined;
  /** What is done in a second, of units where they are known, else of percent. */
  readonly perSecond: number | undefined;
  /** How long it will take, in milliseconds. */
  readonly leftMs: number | undefined;
  /** How long it was waited for, in milliseconds. */
  readonly waitedMs: number;
}

const WIDEST_BAR = 30;
const NARROWEST_BAR = 8;

/** A line for a terminal that is so wide, drawn over the one before: the bar is as long as there is room. */
export function progressBar(view: ProgressView, columns: number): string {
  const { percent, message } = view.progress ?? {};
  const facts = factsOf(view);
  // The last column stays free, for some terminals begin a new line there.
  const room = Math.max(columns - 1, 0);
  const width = Math.min(WIDEST_BAR, Math.max(NARROWEST_BAR, room - facts.length - 4));
  const bar = percent === undefined ? "" : `[${drawn(percent, width)}]  `;
  const said = message === undefined ? "" : `  ${plainText(message)}`;
  return cutToWidth(`${bar}${facts}${said}`, room);
}

/** The same for where there is no terminal: one line of many. */
export function progressLine(view: ProgressView): string {
  const { message } = view.progress ?? {};
  return `${factsOf(view)}${message === undefined ? "" : `  ${plainText(message)}`}`;
}

function factsOf({ state, progress, perSecond, leftMs, waitedMs }: ProgressView): string {
  const { percent, units, unit } = progress ?? {};
  const facts: string[] = [];
  if (state !== "RUNNING" || percent === undefined) facts.push(state.toLowerCase());
  if (percent !== undefined) facts.push(`${Math.floor(percent)}%`);
  if (units !== undefined) {
    const counted = unit === undefined ? "" : ` ${plainText(unit)}`;
    facts.push(`${amount(units.done)} of ${amount(units.total)}${counted}`);
    if (perSecond !== undefined) facts.push(`${amount(perSecond)}/s`);
  }
  facts.push(
    leftMs === undefined
      ? `${durationText(roundedMs(waitedMs))} so far`
      : `ETA ${durationText(roundedMs(leftMs))}`,
  );
  return facts.join("  ");
}

function drawn(percent: number, width: number): string {
  const done = Math.floor((percent * width) / 100);
  return done >= width ? "=".repeat(width) : `${"=".repeat(done)}>`.padEnd(width);
}

function roundedMs(ms: number): number {
  return Math.round(ms / 1_000) * 1_000;
}

const AMOUNT = new Intl.NumberFormat("en-US", { notation: "compact", maximumSignificantDigits: 3 });

/** 12, 3.4, 12K, 1.5M. */
function amount(count: number): string {
  return Number.isInteger(count) && Math.abs(count) < 10_000 ? String(count) : AMOUNT.format(count);
}
