import type { OperationStore } from "../store/operation-store.ts";
import type { Clock } from "../time/clock.ts";

/** Of more it is known that they are more: they are read with all that they have. */
const MOST_COUNTED = 100;

/** What else is measured is not to wait longer for a store that hangs, in milliseconds. */
const PATIENCE_MS = 1_000;

/** How many operations wait for a process to begin their work, as far as the store tells. */
export class WaitingWork {
  readonly #store: Pick<OperationStore, "orphans">;
  readonly #clock: Clock;
  #asking: Promise<number | undefined> | undefined;

  constructor(store: Pick<OperationStore, "orphans">, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** At most 100; undefined where the store does not answer soon, or refuses. Never rejects. */
  async count(): Promise<number | undefined> {
    // One question at a time, however often it is asked for.
    this.#asking ??= this.#ask();
    let callOff = () => {};
    const tired = new Promise<undefined>((resolve) => {
      callOff = this.#clock.after(PATIENCE_MS, () => resolve(undefined), true);
    });
    const count = await Promise.race([this.#asking, tired]);
    callOff();
    return count;
  }

  async #ask(): Promise<number | undefined> {
    try {
      return (await this.#store.orphans({ handlers: "any", limit: MOST_COUNTED })).length;
    } catch {
      // The calls of others that it refuses say so.
      return undefined;
    } finally {
      this.#asking = undefined;
    }
  }
}
