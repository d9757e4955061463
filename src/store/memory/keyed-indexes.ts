import type { ListPosition } from "../operation-store.ts";
import { ListIndex } from "./list-index.ts";

/** Operations in the order of a List, by something that many of them have in common. */
export class KeyedIndexes {
  readonly #indexes = new Map<string, ListIndex>();

  /** Adds a position that is not in the index of that key. */
  add(key: string, position: ListPosition): void {
    let index = this.#indexes.get(key);
    if (index === undefined) {
      index = new ListIndex();
      this.#indexes.set(key, index);
    }
    index.add(position);
  }

  /** Takes out a position that is in the index of that key. */
  remove(key: string, position: ListPosition): void {
    const index = this.#indexes.get(key);
    index?.remove(position);
    if (index?.size === 0) this.#indexes.delete(key);
  }

  /** The positions of a key behind one, in the order of a List; all of them where none is given. */
  after(key: string, position: ListPosition | undefined): Iterable<ListPosition> {
    return this.#indexes.get(key)?.after(position) ?? [];
  }
}
