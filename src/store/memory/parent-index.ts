import { metadataTypeOf } from "../../operation/metadata-type.ts";
import type { StoredOperation } from "../../operation/stored-operation.ts";
import type { ListOfParent, ListPosition } from "../operation-store.ts";
import { KeyedIndexes } from "./keyed-indexes.ts";
import { ListIndex } from "./list-index.ts";

/** The operations of one parent in the order of a List: all of them, and those of each condition. */
export class ParentIndex {
  readonly #all = new ListIndex();
  readonly #running = new ListIndex();
  readonly #byType = new KeyedIndexes();

  get size(): number {
    return this.#all.size;
  }

  /** Adds an operation that is not in the index. */
  add(stored: StoredOperation): void {
    this.#all.add(stored);
    if (!stored.message.done) this.#running.add(stored);
    this.#byType.add(metadataTypeOf(stored), stored);
  }

  /** Takes out an operation as it was added, or as it last became. */
  remove(stored: StoredOperation): void {
    this.#all.remove(stored);
    if (!stored.message.done) this.#running.remove(stored);
    this.#byType.remove(metadataTypeOf(stored), stored);
  }

  /** Notes what an operation of the index has become. */
  replace(kept: StoredOperation, next: StoredOperation): void {
    if (!kept.message.done && next.message.done) this.#running.remove(kept);
    const [before, now] = [metadataTypeOf(kept), metadataTypeOf(next)];
    if (before === now) return;
    this.#byType.remove(before, kept);
    this.#byType.add(now, next);
  }

  /** Those that meet a condition, or all, behind a position, in the order of a List. */
  after(only: ListOfParent["only"], position: ListPosition | undefined): Iterable<ListPosition> {
    switch (only?.by) {
      case undefined:
        return this.#all.after(position);
      case "done":
        return this.#running.after(position);
      case "metadataType":
        return this.#byType.after(only.value, position);
    }
  }
}
