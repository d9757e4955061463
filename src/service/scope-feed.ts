import { parentIn } from "../operation/operation-name.ts";
import type { ChangeHub } from "../store/change-hub.ts";

/** One who hears of all that changes in a parent. */
export interface ScopeListener {
  /** This operation is new, has changed, or went away. */
  changed(name: string): void;
  /** More may have changed than was told. */
  missed(): void;
}

/** Those of one parent, or those whose parent is such. */
export type ScopeParents = string | ((parent: string) => boolean);

/** Tells of all changes in a parent: by one listener at the hub, however many want to hear of however many parents. */
export class ScopeFeed {
  readonly #hub: ChangeHub;
  readonly #ofParent = new Map<string, Set<ScopeListener>>();
  readonly #across = new Map<ScopeListener, (parent: string) => boolean>();

  constructor(hub: ChangeHub) {
    this.#hub = hub;
  }

  /** Tells the listener from now on. Answers the function that ends it. */
  subscribe(parents: ScopeParents, listener: ScopeListener): () => void {
    if (this.#isIdle()) {
      this.#hub.on("change", this.#changed);
      this.#hub.on("missed", this.#missed);
    }
    if (typeof parents === "function") this.#across.set(listener, parents);
    else this.#ofParent.set(parents, (this.#ofParent.get(parents) ?? new Set()).add(listener));
    return () => this.#unsubscribe(parents, listener);
  }

  #unsubscribe(parents: ScopeParents, listener: ScopeListener): void {
    this.#across.delete(listener);
    if (typeof parents === "string") {
      const listeners = this.#ofParent.get(parents);
      listeners?.delete(listener);
      if (listeners?.size === 0) this.#ofParent.delete(parents);
    }
    if (this.#isIdle()) {
      this.#hub.off("change", this.#changed);
      this.#hub.off("missed", this.#missed);
    }
  }

  #isIdle(): boolean {
    return this.#ofParent.size === 0 && this.#across.size === 0;
  }

  readonly #changed = (name: string): void => {
    const parent = parentIn(name);
    for (const listener of this.#ofParent.get(parent) ?? []) listener.changed(name);
    for (const [listener, isOf] of this.#across) if (isOf(parent)) listener.changed(name);
  };

  readonly #missed = (): void => {
    for (const listeners of this.#ofParent.values()) for (const listener of listeners) listener.missed();
    for (const listener of this.#across.keys()) listener.missed();
  };
}
