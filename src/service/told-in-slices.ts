import type { Clock } from "../time/clock.ts";
import type { WaitEnd, Waiter } from "./waiter.ts";

/** How many are told at once, when nobody knows yet what it costs: code that has not run for long is slow at first. */
const FIRST = 20;

/** A slice is no smaller, so that all are told soon, and no larger, so that one slow turn does not become a long one. */
const LEAST = 10;
const MOST = 200;

/** For how long the answers of one slice are to keep the thread, in milliseconds. To send them takes as long again. */
const SLICE_MS = 4;

/**
 * Tells many waiters of the same without holding up everybody else: some at once, and the others in slices, in the order in
 * which they are to be told. A slice is as large as the one before was fast.
 */
export class ToldInSlices {
  readonly #batches: { readonly waiters: Iterator<Waiter>; readonly end: WaitEnd }[] = [];
  readonly #clock: Clock;
  #isTelling = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Tells those who wait now. Whoever leaves before it is their turn is told in vain, which changes nothing. */
  tell(waiters: Iterable<Waiter>, end: WaitEnd): void {
    this.#batches.push({ waiters: [...waiters].values(), end });
    if (this.#isTelling) return;
    this.#isTelling = true;
    if (!this.#tellSome(FIRST)) this.#goOn(FIRST);
  }

  #goOn(size: number): void {
    let startMs = 0;
    let isOver = false;
    setImmediate(() => {
      startMs = this.#clock.monotonicMs();
      isOver = this.#tellSome(size);
    });
    // Between the two those are answered who were told, and nothing else happens.
    setImmediate(() => {
      if (isOver) return;
      const eachMs = (this.#clock.monotonicMs() - startMs) / size;
      this.#goOn(Math.max(LEAST, Math.min(MOST, Math.floor(SLICE_MS / eachMs))));
    });
  }

  /** Tells so many, and whether there is nobody left. */
  #tellSome(most: number): boolean {
    let told = 0;
    for (let [batch] = this.#batches; batch !== undefined; [batch] = this.#batches) {
      const { waiters, end } = batch;
      for (let next = waiters.next(); !next.done; next = waiters.next()) {
        next.value.tell(end);
        told++;
        if (told === most) return false;
      }
      this.#batches.shift();
    }
    this.#isTelling = false;
    return true;
  }
}
