import type { WaitEnd, Waiter } from "./waiter.ts";

/** How many are told before the event loop goes on: each is answered at once, which takes some tens of microseconds. */
const SLICE = 200;

/**
 * Tells many waiters of the same without holding up everybody else: the first at once, and the others some at a time, in
 * the order in which they are to be told.
 */
export class ToldInSlices {
  readonly #batches: { readonly waiters: Iterator<Waiter>; readonly end: WaitEnd }[] = [];
  #isTelling = false;

  /** Tells those who wait now. Whoever leaves before it is their turn is told in vain, which changes nothing. */
  tell(waiters: Iterable<Waiter>, end: WaitEnd): void {
    this.#batches.push({ waiters: [...waiters].values(), end });
    if (this.#isTelling) return;
    this.#isTelling = true;
    this.#tellSome();
  }

  #tellSome(): void {
    let told = 0;
    for (let [batch] = this.#batches; batch !== undefined; [batch] = this.#batches) {
      const { waiters, end } = batch;
      for (let next = waiters.next(); ; next = waiters.next()) {
        if (next.done) break;
        next.value.tell(end);
        told++;
        if (told === SLICE) {
          setImmediate(() => this.#tellSome());
          return;
        }
      }
      this.#batches.shift();
    }
    this.#isTelling = false;
  }
}
