import type { OperationAccess } from "../access/operation-access.ts";
import type { Filter } from "../filter/filter.ts";
import { parentPattern } from "../operation/parent-pattern.ts";
import type { StoredOperation } from "../operation/stored-operation.ts";
import type { ListPosition, OperationStore } from "../store/operation-store.ts";
import { RECHECK_MS } from "../store/watch.ts";
import { isShown, type PageQuery, readPage } from "./read-page.ts";
import type { ScopeFeed, ScopeListener, ScopeParents } from "./scope-feed.ts";
import type { Turns } from "./turns.ts";
import type { Found, WatchTarget } from "./watch-target.ts";

/** So many operations of a snapshot are held at a time, whatever a client reads of it. */
const PAGE_SIZE = 100;

/** How many pages a snapshot reads at most: where a filter lets few through, each looks at some thousands of operations. */
const MOST_PAGES = 30;

/** How soon what other processes have started is found, where no hint of it came. */
const SHARED_RECHECK_MS = 5_000;

/** Which operations of a parent are watched. */
export interface Scope {
  readonly parent: string;
  readonly filter: Filter | undefined;
  readonly access: OperationAccess | undefined;
  readonly mostShown: number;
}

/** The operations of a parent, or of several, that match. */
export class WatchedScope implements WatchTarget {
  readonly names = undefined;
  readonly mostShown: number;
  readonly recheckMs: number;
  readonly #store: OperationStore;
  readonly #feed: ScopeFeed;
  readonly #turns: Turns;
  readonly #parents: ScopeParents;
  readonly #query: Omit<PageQuery, "size" | "after">;

  constructor(
    { parent, filter, access, mostShown }: Scope,
    from: { readonly store: OperationStore; readonly feed: ScopeFeed; readonly turns: Turns },
  ) {
    const within = parentPattern(parent);
    this.mostShown = mostShown;
    this.recheckMs = from.store.isShared ? SHARED_RECHECK_MS : RECHECK_MS;
    this.#store = from.store;
    this.#feed = from.feed;
    this.#turns = from.turns;
    this.#parents = within ?? parent;
    this.#query = {
      parent: within === undefined ? parent : undefined,
      ...{ within, filter, access, principal: access?.onlyOwner, turns: from.turns },
    };
  }

  subscribe(listener: ScopeListener): () => void {
    return this.#feed.subscribe(this.#parents, listener);
  }

  async *snapshot(): AsyncIterable<Found> {
    let left = this.mostShown;
    let after: ListPosition | undefined;
    for (let pages = 0; left > 0 && pages < MOST_PAGES; pages++) {
      const { operations, next } = await this.#page(Math.min(PAGE_SIZE, left), after);
      for (const stored of operations) yield { name: stored.name, stored };
      left -= operations.length;
      if (next === undefined) return;
      after = next;
    }
  }

  async *newest(): AsyncIterable<Found> {
    const { operations } = await this.#page(Math.min(PAGE_SIZE, this.mostShown), undefined);
    for (const stored of operations) yield { name: stored.name, stored };
  }

  shows(stored: StoredOperation): Promise<boolean> {
    return isShown(stored, this.#query);
  }

  async #page(size: number, after: ListPosition | undefined) {
    const page = await readPage(this.#store, { ...this.#query, size, after });
    await this.#turns.next();
    return page;
  }
}
