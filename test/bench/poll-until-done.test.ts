import { expect, it } from "vitest";
import { pollUntilDone } from "../../bench/polling/poll-until-done.ts";
import type { PollingClient } from "../../bench/polling/polling-clients.ts";

it("polls at the start, and then after pauses that grow", () => {
  // At 0, 100, 300, and 700 ms.
  expect(pollUntilDone(doubling, 301, never)).toEqual({ delayMs: 399, rpcs: 4 });
});

it("sees an operation that is done at the moment of a poll", () => {
  expect(pollUntilDone(doubling, 300, never)).toEqual({ delayMs: 0, rpcs: 3 });
});

it("asks once for an operation that is done already", () => {
  expect(pollUntilDone(doubling, 0, never)).toEqual({ delayMs: 0, rpcs: 1 });
});

it("pauses no longer than the longest pause", () => {
  // At 0, 100, 250, and 400 ms.
  expect(pollUntilDone({ ...doubling, longestPauseMs: 150 }, 301, never)).toEqual({ delayMs: 99, rpcs: 4 });
});

it("draws a pause with jitter from what it would be", () => {
  // At 0, 50, 150, and 350 ms.
  expect(pollUntilDone({ ...doubling, isJittered: true }, 301, () => 0.5)).toEqual({ delayMs: 49, rpcs: 4 });
});

it("gives up before a poll that comes too late", () => {
  // At 0, 100, and 300 ms.
  expect(pollUntilDone({ ...doubling, givesUpMs: 500 }, 301, never)).toEqual({
    delayMs: undefined,
    rpcs: 3,
  });
});

const doubling: PollingClient = {
  id: "doubling",
  title: "doubling",
  firstPauseMs: 100,
  multiplier: 2,
  longestPauseMs: 60_000,
  isJittered: false,
};

function never(): number {
  throw new Error("nothing is drawn");
}
