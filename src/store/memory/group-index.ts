import type { ListCondition } from "../../operation/list-condition.ts";
import { metadataTypeOf } from "../../operation/metadata-type.ts";
import type { StoredOperation } from "../../operation/stored-operation.ts";
import type { ListPosition } from "../operation-store.ts";
import { ListIndex } from "./list-index.ts";

/** Operations that are listed together, those of one parent for one: all of them, and those of each condition. */
export class GroupIndex {
  readonly #all = new ListIndex();
  readonly #running = new ListIndex();
  readonly #byPrincipal = new Map<string, ListIndex>();
  readonly #byType = new Map<string, ListIndex>();

  get size(): number {
    return this.#all.size;
  }

  /** Adds an operation that is not in the index. */
  add(stored: StoredOperation): void {
    this.#all.add(stored);
    if (!stored.message.done) this.#running.add(stored);
    if (stored.principal !== undefined) addTo(this.#byPrincipal, stored.principal, stored);
    addTo(this.#byType, metadataTypeOf(stored), stored);
  }

  /** Takes out an operation as it was added, or as it last became. */
  remove(stored: StoredOperation): void {
    this.#all.remove(stored);
    if (!stored.message.done) this.#running.remove(stored);
    if (stored.principal !== undefined) removeFrom(this.#byPrincipal, stored.principal, stored);
    removeFrom(this.#byType, metadataTypeOf(stored), stored);
  }

  /** Notes what an operation of the index has become. */
  replace(kept: StoredOperation, next: StoredOperation): void {
    if (!kept.message.done && next.message.done) this.#running.remove(kept);
    const [before, now] = [metadataTypeOf(kept), metadataTypeOf(next)];
    if (before === now) return;
    removeFrom(this.#byType, before, kept);
    addTo(this.#byType, now, next);
  }

  /** Those that meet a condition, or all, behind a position, in the order of a List. */
  after(only: ListCondition | undefined, position: ListPosition | undefined): Iterable<ListPosition> {
    return this.#index(only)?.after(position) ?? [];
  }

  #index(only: ListCondition | undefined): ListIndex | undefined {
    switch (only?.by) {
      case undefined:
        return this.#all;
      case "done":
        return this.#running;
      case "principal":
        return this.#byPrincipal.get(only.value);
      case "metadataType":
        return this.#byType.get(only.value);
    }
  }
}

function addTo(indexes: Map<string, ListIndex>, value: string, position: ListPosition): void {
  let index = indexes.get(value);
  if (index === undefined) {
    index = new ListIndex();
    indexes.set(value, index);
  }
  index.add(position);
}

function removeFrom(indexes: Map<string, ListIndex>, value: string, position: ListPosition): void {
  const index = indexes.get(value);
  index?.remove(position);
  if (index?.size === 0) indexes.delete(value);
}
