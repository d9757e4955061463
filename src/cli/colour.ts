import type { OperationState } from "../summary/operation-summary.ts";

const GREEN = 32;
const YELLOW = 33;
const RED = 31;
const GREY = 90;

const COLOURS: Readonly<Record<OperationState, number | undefined>> = {
  PENDING: GREY,
  RUNNING: undefined,
  CANCELLING: YELLOW,
  SUCCEEDED: GREEN,
  FAILED: RED,
  CANCELLED: YELLOW,
  ABORTED: RED,
  GONE: GREY,
};

/** The text in the colour of a state. */
export function inColourOf(state: OperationState, text: string): string {
  const colour = COLOURS[state];
  return colour === undefined ? text : `\u001b[${colour}m${text}\u001b[0m`;
}
