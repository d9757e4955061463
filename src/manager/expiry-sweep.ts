import type { OperationStore } from "../store/operation-store.ts";
import type { Clock } from "../time/clock.ts";
import type { Logger } from "./logger.ts";

/** How many expired operations are forgotten in one go, so that nobody waits long for the store. */
const BATCH = 200;

/** Forgets expired operations now and then, until it is closed. */
export class ExpirySweep {
  readonly #store: OperationStore;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #intervalMs: number;
  #callOff: () => void = () => {};
  #sweeping: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(store: OperationStore, clock: Clock, logger: Logger, intervalMs: number) {
    this.#store = store;
    this.#clock = clock;
    this.#logger = logger;
    this.#intervalMs = intervalMs;
    this.#schedule();
  }

  /** Sweeps no more. Resolves once a sweep that was under way is over. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#callOff();
    await this.#sweeping;
  }

  #schedule(): void {
    if (this.#closed) return;
    const sweep = () => {
      this.#sweeping = this.#sweep().finally(() => this.#schedule());
    };
    this.#callOff = this.#clock.after(this.#intervalMs, sweep, true);
  }

  async #sweep(): Promise<void> {
    try {
      while (!this.#closed) {
        const forgotten = await this.#store.deleteExpired(this.#clock.wallMs(), BATCH);
        if (forgotten < BATCH) return;
      }
    } catch (error) {
      this.#logger.error("expired operations could not be deleted", error);
    }
  }
}
