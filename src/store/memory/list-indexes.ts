import type { StoredOperation } from "../../operation/stored-operation.ts";
import { compareInList } from "../list-order.ts";
import type { ListPosition, ListQuery } from "../operation-store.ts";
import { KeyedIndexes } from "./keyed-indexes.ts";
import { ListIndex } from "./list-index.ts";
import { merged } from "./merged.ts";
import { ParentIndex } from "./parent-index.ts";

/** All that operations are listed by. */
export class ListIndexes {
  readonly #byParent = new Map<string, ParentIndex>();
  /** Those of all parents, without the top level. */
  readonly #below = new ListIndex();
  readonly #byPrincipal = new KeyedIndexes();

  /** Adds an operation that is in no index. */
  add(stored: StoredOperation): void {
    const { parent, principal } = stored;
    let index = this.#byParent.get(parent);
    if (index === undefined) {
      index = new ParentIndex();
      this.#byParent.set(parent, index);
    }
    index.add(stored);
    if (parent !== "") this.#below.add(stored);
    if (principal !== undefined) this.#byPrincipal.add(principal, stored);
  }

  /** Notes what an operation has become. */
  replace(kept: StoredOperation, next: StoredOperation): void {
    this.#byParent.get(kept.parent)?.replace(kept, next);
  }

  /** Takes out an operation as it was added, or as it last became. */
  remove(stored: StoredOperation): void {
    const { parent, principal } = stored;
    const index = this.#byParent.get(parent);
    index?.remove(stored);
    if (index?.size === 0) this.#byParent.delete(parent);
    if (parent !== "") this.#below.remove(stored);
    if (principal !== undefined) this.#byPrincipal.remove(principal, stored);
  }

  /** Where those that are asked for stand, in order, whatever the limit and the earliest time. */
  positionsOf(query: ListQuery): Iterable<ListPosition> {
    const begin = beginOf(query);
    if (query.parent !== undefined) return this.#byParent.get(query.parent)?.after(query.only, begin) ?? [];
    if (query.only !== undefined) return this.#byPrincipal.after(query.only.value, begin);
    return merged([this.#byParent.get("")?.after(undefined, begin) ?? [], this.#below.after(begin)]);
  }
}

/** The position behind which a page begins: no operation has an empty name. */
function beginOf({ after, createdUntilMs }: ListQuery): ListPosition | undefined {
  const last = createdUntilMs === undefined ? undefined : { createTimeMs: createdUntilMs, name: "" };
  if (after === undefined || last === undefined) return after ?? last;
  return compareInList(after, last) < 0 ? last : after;
}
