import type { OperationAccess } from "../access/operation-access.ts";
import type { StoredOperation } from "../operation/stored-operation.ts";
import type { ChangeHub } from "../store/change-hub.ts";
import { RECHECK_MS } from "../store/watch.ts";
import type { ScopeListener } from "./scope-feed.ts";
import type { Found, WatchTarget } from "./watch-target.ts";

/** Operations that are watched by their names. */
export class WatchedNames implements WatchTarget {
  readonly names: readonly string[];
  readonly mostShown = Number.POSITIVE_INFINITY;
  readonly recheckMs = RECHECK_MS;
  readonly #changes: ChangeHub;
  readonly #access: OperationAccess | undefined;

  constructor(names: readonly string[], changes: ChangeHub, access: OperationAccess | undefined) {
    this.names = names;
    this.#changes = changes;
    this.#access = access;
  }

  subscribe(listener: ScopeListener): () => void {
    const ends = this.names.map((name) => this.#changes.subscribe(name, () => listener.changed(name)));
    return () => {
      for (const end of ends) end();
    };
  }

  async *snapshot(): AsyncIterable<Found> {
    for (const name of this.names) yield { name, stored: undefined };
  }

  newest(): AsyncIterable<Found> {
    return this.snapshot();
  }

  shows(stored: StoredOperation): boolean | Promise<boolean> {
    return this.#access?.shows(stored) ?? true;
  }
}
