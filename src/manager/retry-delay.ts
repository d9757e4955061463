/** How long somebody waits who was refused by a store: doubled with each refusal. */
const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/** How long to wait after so many refusals, one after another, until a store is asked again, in milliseconds. */
export function retryDelayMs(refusals: number): number {
  return Math.min(FIRST_MS * 2 ** (refusals - 1), LONGEST_MS);
}
