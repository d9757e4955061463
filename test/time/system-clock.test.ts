import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../src/time/clock.ts";

const LONGEST_TIMER_MS = 2 ** 31 - 1;
const DAY_MS = 86_400_000;

describe("the system clock's timers", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  // Around each place where a JavaScript timer ends and the next one begins.
  const delays = [1, 1_000, LONGEST_TIMER_MS, LONGEST_TIMER_MS + 1, 30 * DAY_MS, 2 * LONGEST_TIMER_MS + 1];

  it.each(delays)("do not ring before %d ms are over", (delayMs) => {
    const ring = vi.fn();
    systemClock.after(delayMs, ring);
    vi.advanceTimersByTime(delayMs - 1);
    expect(ring).not.toHaveBeenCalled();
  });

  it.each(delays)("ring when %d ms are over", (delayMs) => {
    const ring = vi.fn();
    systemClock.after(delayMs, ring);
    vi.advanceTimersByTime(delayMs);
    expect(ring).toHaveBeenCalledOnce();
  });

  it.each(delays)("ring once after %d ms, and never again", (delayMs) => {
    const ring = vi.fn();
    systemClock.after(delayMs, ring);
    vi.advanceTimersByTime(3 * delayMs);
    expect(ring).toHaveBeenCalledOnce();
  });

  it.each([0, -1, -Infinity])("ring soon after %d ms", (delayMs) => {
    const ring = vi.fn();
    systemClock.after(delayMs, ring);
    vi.advanceTimersByTime(1);
    expect(ring).toHaveBeenCalledOnce();
  });

  it("never ring within whoever sets them", () => {
    const ring = vi.fn();
    systemClock.after(0, ring);
    expect(ring).not.toHaveBeenCalled();
  });

  it("do not ring for a hundred years where the delay is without end", () => {
    const ring = vi.fn();
    systemClock.after(Infinity, ring);
    vi.advanceTimersByTime(36_525 * DAY_MS);
    expect(ring).not.toHaveBeenCalled();
  });

  it.each([0, 1, LONGEST_TIMER_MS, 1.5 * LONGEST_TIMER_MS, 2 * LONGEST_TIMER_MS])(
    "leave nothing behind when they are called off after %d ms",
    (afterMs) => {
      const callOff = systemClock.after(2 * LONGEST_TIMER_MS + 1, () => {});
      vi.advanceTimersByTime(afterMs);
      callOff();
      expect(vi.getTimerCount()).toBe(0);
    },
  );

  it("may be called off after they rang", () => {
    const ring = vi.fn();
    const callOff = systemClock.after(1, ring);
    vi.advanceTimersByTime(1);
    callOff();
    expect(ring).toHaveBeenCalledOnce();
  });
});

describe("the system clock", () => {
  /** How many timers keep this process alive. */
  const timersAlive = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;

  it.each([1_000, 30 * DAY_MS])("keeps the process alive for a timer of %d ms", (delayMs) => {
    const before = timersAlive();
    const callOff = systemClock.after(delayMs, () => {});
    const during = timersAlive();
    callOff();
    expect(during - before).toBe(1);
  });

  it.each([1_000, 30 * DAY_MS])("lets the process end despite a background timer of %d ms", (delayMs) => {
    const before = timersAlive();
    const callOff = systemClock.after(delayMs, () => {}, true);
    const during = timersAlive();
    callOff();
    expect(during - before).toBe(0);
  });

  it("tells the time of day", () => {
    const before = Date.now();
    const now = systemClock.wallMs();
    expect(before <= now && now <= Date.now()).toBe(true);
  });

  it("measures with a clock that nobody sets", () => {
    vi.useFakeTimers({ toFake: ["Date"], now: 0 });
    const before = systemClock.monotonicMs();
    vi.setSystemTime(-DAY_MS);
    const after = systemClock.monotonicMs();
    vi.useRealTimers();
    expect(after - before).toBeGreaterThanOrEqual(0);
  });
});
