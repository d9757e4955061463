import type { Bell } from "../store/bell.ts";

/** How many are rung for before the event loop goes on: each has something to tell, which takes some tens of microseconds. */
const SLICE = 50;

/** Rings many bells without holding up everybody else: some at a time. What rings twice before its turn, rings once. */
export class RungInSlices {
  readonly #bells = new Set<Bell>();
  #isRinging = false;

  /** Rings a bell when its turn comes: at once where no others ring. */
  ring(bell: Bell): void {
    this.#bells.add(bell);
    if (this.#isRinging) return;
    this.#isRinging = true;
    queueMicrotask(() => this.#ringSome());
  }

  #ringSome(): void {
    let rung = 0;
    for (const bell of this.#bells) {
      if (rung++ === SLICE) {
        setImmediate(() => this.#ringSome());
        return;
      }
      this.#bells.delete(bell);
      bell.ring();
    }
    this.#isRinging = false;
  }
}
