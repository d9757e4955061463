import type { FeedState } from "./operations-feed.ts";

/** How fresh what the page shows is. */
export type ConnectionState = "connecting" | "live" | "reconnecting" | "settled" | "polling" | "away";

/** How often the page asks where it is not told, in milliseconds. */
export const POLL_MS = 2_000;

/** How fresh it is, from what the last call said and how the page hears of changes. */
export function connectionState(facts: {
  readonly isAway: boolean;
  readonly isPolling: boolean;
  readonly feed: FeedState;
}): ConnectionState {
  if (facts.isAway) return "away";
  if (facts.isPolling) return "polling";
  return facts.feed === "refused" ? "polling" : facts.feed;
}
