import type { Logger } from "../operation/logger.ts";
import type { OperationObserver } from "../operation/operation-observer.ts";
import type { OperationStore } from "../store/operation-store.ts";
import type { Clock } from "../time/clock.ts";
import { Recurring } from "../time/recurring.ts";

/** How many expired operations are forgotten in one go, so that nobody waits long for the store. */
const BATCH = 200;

/** What the sweep needs of its manager. */
export interface ExpirySweepOptions {
  readonly store: OperationStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly intervalMs: number;
  readonly mostKeptPerParent: number | undefined;
  readonly observer: OperationObserver | undefined;
}

/** Forgets operations now and then, those that have expired and those that are too many, until it is closed. */
export class ExpirySweep {
  readonly #options: ExpirySweepOptions;
  readonly #recurring: Recurring;

  constructor(options: ExpirySweepOptions) {
    this.#options = options;
    this.#recurring = new Recurring(
      options.clock,
      () => options.intervalMs,
      () => this.#sweep(),
    );
  }

  /** Sweeps no more. Resolves once a sweep that was under way is over. */
  close(): Promise<void> {
    return this.#recurring.close();
  }

  async #sweep(): Promise<void> {
    const { store, clock, logger, mostKeptPerParent, observer } = this.#options;
    try {
      const expired = await this.#repeat(() => store.deleteExpired(clock.wallMs(), BATCH));
      observer?.swept?.(expired);
      if (mostKeptPerParent !== undefined) {
        await this.#repeat(() => store.deleteSurplus(mostKeptPerParent, BATCH));
      }
    } catch (error) {
      logger.error("expired operations could not be deleted", error);
    }
  }

  /** Answers how many were forgotten. */
  async #repeat(forget: () => Promise<number>): Promise<number> {
    let forgotten = 0;
    for (let last = BATCH; last === BATCH && !this.#recurring.isClosed; forgotten += last)
      last = await forget();
    return forgotten;
  }
}
