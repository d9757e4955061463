import type { Clock } from "../time/clock.ts";

/** How many there may be at once, and how many more in a second. */
export interface BudgetLimits {
  readonly burst: number;
  readonly perSecond: number;
}

/** Counts what there may be some of, and not much for long. */
export class Budget {
  readonly #limits: BudgetLimits;
  readonly #clock: Clock;
  #left: number;
  #countedAtMs: number;

  constructor(limits: BudgetLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
    this.#left = limits.burst;
    this.#countedAtMs = clock.monotonicMs();
  }

  /** One more; false where it is too many. */
  spend(): boolean {
    const { burst, perSecond } = this.#limits;
    const nowMs = this.#clock.monotonicMs();
    const more = ((nowMs - this.#countedAtMs) * perSecond) / 1_000;
    this.#left = Math.min(burst, this.#left + more) - 1;
    this.#countedAtMs = nowMs;
    return this.#left >= 0;
  }
}
