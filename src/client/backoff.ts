/** Doubling delays with full jitter: each is random between 0 and a bound that doubles up to the longest. */
export class Backoff {
  readonly #firstMs: number;
  readonly #longestMs: number;
  readonly #random: () => number;
  #boundMs: number;

  /** `random` answers numbers from 0 up to, but not including, 1. */
  constructor(firstMs: number, longestMs: number, random: () => number) {
    this.#firstMs = Math.min(firstMs, longestMs);
    this.#longestMs = longestMs;
    this.#random = random;
    this.#boundMs = this.#firstMs;
  }

  /** The next delay, in milliseconds. */
  nextMs(): number {
    const delayMs = this.#random() * this.#boundMs;
    this.#boundMs = Math.min(this.#boundMs * 2, this.#longestMs);
    return delayMs;
  }

  /** Begins again with the first delay. */
  reset(): void {
    this.#boundMs = this.#firstMs;
  }
}
