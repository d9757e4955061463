import type { StoredOperation } from "../../operation/stored-operation.ts";
import { OperationCache } from "./operation-cache.ts";

/** A read of one operation that is under way. Whoever asks meanwhile shares it, as long as nothing is written. */
type SharedRead = Promise<StoredOperation | undefined>;

/**
 * What this process knows to be kept now. It may know, because nobody else writes to the file. While a write is
 * under way nobody knows what is kept, and whoever asks must look into the file: otherwise one who has seen the
 * new state there could be shown the old one afterwards.
 */
export class CurrentOperations {
  readonly #cache = new OperationCache();
  readonly #reads = new Map<string, SharedRead>();
  /** How many writes of each operation are under way. */
  readonly #writes = new Map<string, number>();
  /** How many sweeps are under way, of which nobody knows what they will delete. */
  #sweeps = 0;

  /** The operation as it is known to be; undefined where one must look. */
  known(name: string): StoredOperation | undefined {
    const stored = this.#cache.get(name);
    return this.#sweeps > 0 && stored?.message.done ? undefined : stored;
  }

  /** Looks for an operation once for all who ask at the same time, and remembers it if that is safe. */
  look(name: string, read: () => SharedRead): SharedRead {
    const shared = this.#reads.get(name);
    if (shared !== undefined) return shared;
    const own = read();
    if (this.#sweeps > 0 || this.#writes.has(name)) return own;
    this.#reads.set(name, own);
    const finish = (stored?: StoredOperation) => {
      // Another entry, or none: something was written since.
      if (this.#reads.get(name) !== own) return;
      this.#reads.delete(name);
      if (stored !== undefined) this.#cache.set(stored);
    };
    own.then(finish, () => finish());
    return own;
  }

  /** A write of an operation begins. */
  beginWrite(name: string): void {
    this.#writes.set(name, (this.#writes.get(name) ?? 0) + 1);
    this.#reads.delete(name);
    this.#cache.delete(name);
  }

  /** A write has ended, and kept `next`; undefined where it kept nothing, or nobody knows. */
  endWrite(name: string, next: StoredOperation | undefined): void {
    const left = (this.#writes.get(name) ?? 1) - 1;
    if (left > 0) {
      this.#writes.set(name, left);
      return;
    }
    this.#writes.delete(name);
    if (next !== undefined) this.#cache.set(next);
  }

  /** A sweep begins. */
  beginSweep(): void {
    this.#sweeps++;
    this.#reads.clear();
  }

  /** A sweep has ended, and deleted these. */
  endSweep(deleted: readonly string[]): void {
    this.#sweeps--;
    for (const name of deleted) this.#cache.delete(name);
  }
}
