import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { ToldInSlices } from "../../src/service/told-in-slices.ts";
import type { Waiter } from "../../src/service/waiter.ts";
import { systemClock } from "../../src/time/clock.ts";
import { until } from "../until.ts";

/** Waiters that note their numbers when they are told. */
function noting(count: number, told: number[]): Waiter[] {
  return Array.from({ length: count }, (_, number) => ({ tell: () => void told.push(number) }));
}

describe("many who wait for the same", () => {
  it("are not told all at once", () => {
    const told: number[] = [];
    new ToldInSlices(systemClock).tell(noting(1_000, told), undefined);
    expect(told.length).toBeGreaterThan(0);
    expect(told.length).toBeLessThan(100);
  });

  it("are told in smaller slices the longer it takes to answer them", async () => {
    const slices = async (spin: () => void) => {
      let turns = 0;
      let left = 2_000;
      const answered = () => {
        left--;
        spin();
      };
      const waiters = Array.from({ length: left }, () => ({ tell: () => queueMicrotask(answered) }));
      new ToldInSlices(systemClock).tell(waiters, undefined);
      for (; left > 0; turns++) await nextTurn();
      return turns;
    };
    const fast = await slices(() => {});
    const slow = await slices(() => {
      for (const untilMs = performance.now() + 0.2; performance.now() < untilMs; );
    });
    expect(slow).toBeGreaterThan(2 * fast);
  });

  it("are told in the order in which they came", async () => {
    const told: number[] = [];
    new ToldInSlices(systemClock).tell(noting(1_000, told), undefined);
    await until(() => told.length === 1_000);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
  });

  it("let others have their turn between", async () => {
    const told: number[] = [];
    new ToldInSlices(systemClock).tell(noting(1_000, told), undefined);
    await nextTurn();
    expect(told.length).toBeLessThan(1_000);
  });

  it("are all told, also where others are told of something else meanwhile", async () => {
    const told: number[] = [];
    const others: number[] = [];
    const slices = new ToldInSlices(systemClock);
    slices.tell(noting(1_000, told), undefined);
    slices.tell(noting(10, others), undefined);
    await until(() => others.length === 10);
    expect([told.length, others.length]).toEqual([1_000, 10]);
  });
});
