import { compareInList } from "../list-order.ts";
import type { ListPosition } from "../operation-store.ts";

interface Entry extends ListPosition {
  removed: boolean;
}

/**
 * The operations of one parent in the order of a List. Kept oldest first, because a new one nearly always
 * belongs at the end. A removed one stays as a mark until half of them are marks: then all go at once.
 */
export class ListIndex {
  #entries: Entry[] = [];
  #removed = 0;

  get size(): number {
    return this.#entries.length - this.#removed;
  }

  /** Adds a position that is not in the index. */
  add({ createTimeMs, name }: ListPosition): void {
    const entry = { createTimeMs, name, removed: false };
    const at = this.#countBehind(entry);
    if (at === this.#entries.length) this.#entries.push(entry);
    else this.#entries.splice(at, 0, entry);
  }

  /** Takes out a position that is in the index. */
  remove(position: ListPosition): void {
    // The entry itself, or a mark of the same position, stands just below those before it.
    for (let i = this.#countBehind(position); i < this.#entries.length; i++) {
      const entry = this.#entries[i];
      if (entry === undefined || compareInList(entry, position) !== 0) return;
      if (entry.removed) continue;
      entry.removed = true;
      this.#removed++;
      break;
    }
    if (this.#removed * 2 <= this.#entries.length) return;
    this.#entries = this.#entries.filter((entry) => !entry.removed);
    this.#removed = 0;
  }

  /** The positions behind one, in the order of a List; all of them where none is given. */
  *after(position: ListPosition | undefined): Iterable<ListPosition> {
    const entries = this.#entries;
    for (let i = (position === undefined ? entries.length : this.#countBehind(position)) - 1; i >= 0; i--) {
      const entry = entries[i];
      if (entry !== undefined && !entry.removed) yield entry;
    }
  }

  /** How many entries a List shows behind a position: a binary search. */
  #countBehind(position: ListPosition): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const entry = this.#entries[middle];
      if (entry !== undefined && compareInList(entry, position) > 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
