import type { PollingClient } from "./polling-clients.ts";

/** How a client that polls came to know. */
export interface Polled {
  /** From the operation's end until a poll saw it, in ms; undefined where the client gave up before. */
  readonly delayMs: number | undefined;
  /** How often it polled. */
  readonly rpcs: number;
}

/** Polls an operation that ends after so long, by the client's schedule. A poll takes no time; `random` is from 0 to 1. */
export function pollUntilDone(client: PollingClient, durationMs: number, random: () => number): Polled {
  let pauseMs = client.firstPauseMs;
  let rpcs = 1;
  for (let atMs = 0; atMs < durationMs; rpcs++) {
    atMs += client.isJittered ? pauseMs * random() : pauseMs;
    if (atMs > (client.givesUpMs ?? Number.POSITIVE_INFINITY)) return { delayMs: undefined, rpcs };
    if (atMs >= durationMs) return { delayMs: atMs - durationMs, rpcs: rpcs + 1 };
    pauseMs = Math.min(pauseMs * client.multiplier, client.longestPauseMs);
  }
  return { delayMs: 0, rpcs };
}
