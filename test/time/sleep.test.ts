import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { sleep } from "../../src/time/sleep.ts";

/** What becomes of a promise by the time that everything else has had its turn. */
async function fateOf(promise: Promise<void>): Promise<unknown> {
  let fate: unknown = "pending";
  promise.then(
    () => {
      fate = "awake";
    },
    (reason: unknown) => {
      fate = reason;
    },
  );
  await new Promise((resolve) => setImmediate(resolve));
  return fate;
}

describe("sleep", () => {
  it("lasts", async () => {
    const clock = new FakeClock();
    const slept = sleep(clock, 100);
    clock.advance(99);
    expect(await fateOf(slept)).toBe("pending");
  });

  it("ends when its time is over", async () => {
    const clock = new FakeClock();
    const slept = sleep(clock, 100);
    clock.advance(100);
    expect(await fateOf(slept)).toBe("awake");
  });

  it("throws the signal's reason as soon as the signal aborts", async () => {
    const stop = new AbortController();
    const slept = sleep(new FakeClock(), 100, stop.signal);
    stop.abort("enough");
    expect(await fateOf(slept)).toBe("enough");
  });

  it("throws the reason of a signal that has aborted before", async () => {
    expect(await fateOf(sleep(new FakeClock(), 0, AbortSignal.abort("enough")))).toBe("enough");
  });

  it("leaves no timer behind when the signal aborts", async () => {
    const clock = new FakeClock();
    const stop = new AbortController();
    const slept = sleep(clock, 100, stop.signal);
    stop.abort("enough");
    await fateOf(slept);
    expect(clock.pendingTimers).toBe(0);
  });

  it("sets no timer where the signal has aborted before", async () => {
    const clock = new FakeClock();
    await fateOf(sleep(clock, 100, AbortSignal.abort("enough")));
    expect(clock.pendingTimers).toBe(0);
  });

  it("leaves no listener at the signal when its time is over", async () => {
    const clock = new FakeClock();
    const { signal } = new AbortController();
    const slept = sleep(clock, 100, signal);
    clock.advance(100);
    await slept;
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });
});
