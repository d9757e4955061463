import type { Clock } from "../time/clock.ts";

/** Where a fake clock starts: noon on the first day of 2026, UTC. */
const START_MS = Date.UTC(2026, 0, 1, 12);

interface Timer {
  readonly dueMs: number;
  readonly ring: () => void;
}

/** A clock for tests that stands still until it is told to go on. */
export class FakeClock implements Clock {
  #wallMs: number;
  #monotonicMs = 0;
  // In the order in which they were set; of those due at once, the first rings first.
  readonly #timers = new Set<Timer>();

  /** Starts at `wallMs`, milliseconds since the Unix epoch; at noon on 2026-01-01 UTC by default. */
  constructor(wallMs: number = START_MS) {
    this.#wallMs = wallMs;
  }

  wallMs(): number {
    return this.#wallMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  after(delayMs: number, ring: () => void): () => void {
    const timer = { dueMs: this.#monotonicMs + Math.max(0, delayMs), ring };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** Sets the wall clock, forth or back, as an administrator does. No timer rings for it. */
  set wall(wallMs: number) {
    this.#wallMs = wallMs;
  }

  /** How many timers have neither rung nor been called off: 0 where nobody waits for the time. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  /**
   * Moves both clocks on, and rings each timer that is due by then, also those that a ring sets, at its own
   * time and in the order of time. What promises do because of a ring happens after `advance` has returned.
   * Throws a RangeError where `ms` is negative.
   */
  advance(ms: number): void {
    if (!(ms >= 0)) throw new RangeError(`a clock cannot be advanced by ${ms} ms`);
    const endMs = this.#monotonicMs + ms;
    for (let timer = this.#nextBy(endMs); timer !== undefined; timer = this.#nextBy(endMs)) {
      this.#timers.delete(timer);
      this.#moveTo(timer.dueMs);
      timer.ring();
    }
    this.#moveTo(endMs);
  }

  #nextBy(endMs: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueMs <= endMs && (next === undefined || timer.dueMs < next.dueMs)) next = timer;
    }
    return next;
  }

  #moveTo(monotonicMs: number): void {
    this.#wallMs += monotonicMs - this.#monotonicMs;
    this.#monotonicMs = monotonicMs;
  }
}
