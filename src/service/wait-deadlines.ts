import type { Clock } from "../time/clock.ts";
import type { Waiter } from "./waiter.ts";

/** Waits as long as this end to the hundredth of a second, and shorter ones to the millisecond. */
const LONG_MS = 10_000;
const LONG_GRAIN_MS = 10;

/** The waiters whose time is up at the same moment. */
export interface WaitDeadline {
  readonly atMs: number;
  readonly waiters: Set<Waiter>;
  readonly callOff: () => void;
}

/** Tells waiters when their time is up, with one timer for all whose time is up at once. */
export class WaitDeadlines {
  readonly #clock: Clock;
  readonly #tell: (waiters: Iterable<Waiter>) => void;
  readonly #deadlines = new Map<number, WaitDeadline>();

  constructor(clock: Clock, tell: (waiters: Iterable<Waiter>) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** Tells a waiter in `limitMs`, where it has not left by then. */
  add(waiter: Waiter, limitMs: number): WaitDeadline {
    const nowMs = this.#clock.monotonicMs();
    const grainMs = limitMs < LONG_MS ? 1 : LONG_GRAIN_MS;
    const atMs = Math.ceil((nowMs + limitMs) / grainMs) * grainMs;
    const deadline = this.#deadlines.get(atMs) ?? this.#open(atMs, atMs - nowMs);
    deadline.waiters.add(waiter);
    return deadline;
  }

  /** A waiter is told of something else. */
  leave(waiter: Waiter, { atMs, waiters, callOff }: WaitDeadline): void {
    waiters.delete(waiter);
    if (waiters.size > 0 || !this.#deadlines.delete(atMs)) return;
    callOff();
  }

  #open(atMs: number, delayMs: number): WaitDeadline {
    const waiters = new Set<Waiter>();
    const callOff = this.#clock.after(delayMs, () => {
      this.#deadlines.delete(atMs);
      this.#tell(waiters);
    });
    const deadline = { atMs, waiters, callOff };
    this.#deadlines.set(atMs, deadline);
    return deadline;
  }
}
