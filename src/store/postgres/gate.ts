import { TooManyWaiting } from "./postgres-fault.ts";

/** Lets so many calls at a time go to the database, and refuses what is more: calls must not pile up where it hangs. */
export class Gate {
  readonly #most: number;
  #inside = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Makes a call. Throws TooManyWaiting where too many are under way. */
  async pass<T>(call: () => Promise<T>): Promise<T> {
    if (this.#inside >= this.#most) throw new TooManyWaiting(`${this.#most} calls wait for the database`);
    this.#inside++;
    try {
      return await call();
    } finally {
      this.#inside--;
    }
  }
}
