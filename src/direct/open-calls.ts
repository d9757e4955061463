import type { Clock } from "../time/clock.ts";

/** How long a request may take to come, or an answer to be taken, before the call counts as slow, in milliseconds. */
const SLOW_MS = 1_000;

/** A call that may turn out to be slow. */
export interface OpenCall {
  /** It is open for a second or two. */
  isSlow(): void;
}

/**
 * The calls that wait for their client: to send the rest of a request, or to take the rest of an answer. Nearly none waits
 * for long, and so they have no timers of their own.
 */
export class OpenCalls {
  #young = new Set<OpenCall>();
  #old = new Set<OpenCall>();
  #isWatching = false;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(call: OpenCall): void {
    this.#young.add(call);
    if (!this.#isWatching) this.#watch();
  }

  remove(call: OpenCall): void {
    if (!this.#young.delete(call)) this.#old.delete(call);
  }

  #watch(): void {
    this.#isWatching = true;
    this.#clock.after(SLOW_MS, () => this.#look(), true);
  }

  #look(): void {
    const slow = this.#old;
    this.#old = this.#young;
    this.#young = new Set();
    this.#isWatching = false;
    for (const call of slow) call.isSlow();
    if (this.#old.size > 0) this.#watch();
  }
}
