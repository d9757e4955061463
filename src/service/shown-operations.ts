import type { StoredOperation } from "../operation/stored-operation.ts";

interface Shown {
  readonly revision: number;
  readonly createTimeMs: number;
  readonly done: boolean;
}

/** What a watch has shown of operations: so many at a time, and of each no more than which state it was. */
export class ShownOperations {
  readonly #most: number;
  /** Those that have not changed for longest come first. */
  readonly #shown = new Map<string, Shown>();
  #newestMs = Number.NEGATIVE_INFINITY;

  /** At most so many are shown at a time. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Whether an operation is shown, in whatever state. */
  has(name: string): boolean {
    return this.#shown.has(name);
  }

  /** Whether this state is another than the one that is shown. */
  isNews({ name, revision, createTimeMs }: StoredOperation): boolean {
    const shown = this.#shown.get(name);
    // One that was made anew under its old name begins with the same revision.
    return shown?.revision !== revision || shown.createTimeMs !== createTimeMs;
  }

  /** Whether this state is sure to be no older than the one that is shown. */
  mayFollow(stored: StoredOperation): boolean {
    return !this.#shown.has(stored.name) || !this.isNews(stored);
  }

  /** Whether there is room for one that is only found again: one newer than all that were shown takes the room it needs. */
  hasRoomFor({ name, createTimeMs }: StoredOperation): boolean {
    return this.#shown.has(name) || this.#shown.size < this.#most || createTimeMs > this.#newestMs;
  }

  /** This state is shown now. Answers the name of the operation in whose place it is, where there was no room. */
  add({ name, revision, createTimeMs, message: { done } }: StoredOperation): string | undefined {
    this.#newestMs = Math.max(this.#newestMs, createTimeMs);
    this.#shown.delete(name);
    const crowdedOut = this.#shown.size < this.#most ? undefined : this.#leastWanted();
    if (crowdedOut !== undefined) this.#shown.delete(crowdedOut);
    this.#shown.set(name, { revision, createTimeMs, done });
    return crowdedOut;
  }

  /** An operation is shown no more. Answers whether it was. */
  delete(name: string): boolean {
    return this.#shown.delete(name);
  }

  /** The names of what is shown; only of what still runs, where that is asked for. */
  *names({ running = false } = {}): Iterable<string> {
    for (const [name, { done }] of this.#shown) if (!running || !done) yield name;
  }

  #leastWanted(): string | undefined {
    const [longestUnchanged] = this.#shown.keys();
    for (const [name, { done }] of this.#shown) if (done) return name;
    return longestUnchanged;
  }
}
