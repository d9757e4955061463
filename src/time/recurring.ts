import type { Clock } from "./clock.ts";

/** Does something again and again, one time after another, until it is closed. It does not keep the process alive. */
export class Recurring {
  readonly #clock: Clock;
  readonly #pauseMs: () => number;
  readonly #act: () => Promise<void>;
  #callOff = () => {};
  #acting: Promise<void> | undefined;
  #closed = false;

  /** `act`, which must not reject, is done `pauseMs()` milliseconds from now, and as long after each time. */
  constructor(clock: Clock, pauseMs: () => number, act: () => Promise<void>) {
    this.#clock = clock;
    this.#pauseMs = pauseMs;
    this.#act = act;
    this.#schedule();
  }

  /** Whether `close` was called: whoever acts for long may stop then. */
  get isClosed(): boolean {
    return this.#closed;
  }

  /** Does it at once; where it is being done, resolves when that is. */
  now(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#callOff();
    this.#acting ??= this.#act().finally(() => {
      this.#acting = undefined;
      this.#schedule();
    });
    return this.#acting;
  }

  /** Does it no more. Resolves once it is not being done. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#callOff();
    await this.#acting;
  }

  #schedule(): void {
    if (!this.#closed) this.#callOff = this.#clock.after(this.#pauseMs(), () => void this.now(), true);
  }
}
