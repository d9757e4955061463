import type { StoredOperation } from "../../operation/stored-operation.ts";
import { ChangeHub } from "../change-hub.ts";
import type { ListQuery, OperationStore } from "../operation-store.ts";
import { ListIndex } from "./list-index.ts";

/**
 * Keeps operations in this process's memory: quick, and gone with the process. For tests, for development,
 * and for services whose operations need not outlive a restart.
 */
export class MemoryStore implements OperationStore {
  readonly changes = new ChangeHub();
  readonly #operations = new Map<string, StoredOperation>();
  readonly #indexes = new Map<string, ListIndex>();
  // In the order in which they ended, which with one retention is the order in which they expire.
  readonly #ended = new Map<string, number>();
  /** Nothing expires before; a sweep that comes earlier need not look. */
  #firstExpireTimeMs = Number.POSITIVE_INFINITY;

  async insert(stored: StoredOperation): Promise<boolean> {
    if (this.#operations.has(stored.name)) return false;
    this.#operations.set(stored.name, stored);
    this.#index(stored.parent).add(stored);
    this.#noteEnd(stored);
    this.changes.announce(stored.name);
    return true;
  }

  async get(name: string): Promise<StoredOperation | undefined> {
    return this.#operations.get(name);
  }

  async replace(next: StoredOperation): Promise<boolean> {
    const kept = this.#operations.get(next.name);
    if (kept === undefined || kept.revision !== next.revision - 1) return false;
    this.#operations.set(next.name, next);
    this.#noteEnd(next);
    this.changes.announce(next.name);
    return true;
  }

  async delete(name: string): Promise<boolean> {
    return this.#forget(name);
  }

  async list(query: ListQuery): Promise<readonly StoredOperation[]> {
    const index = this.#indexes.get(query.parent);
    if (index === undefined) return [];
    const page: StoredOperation[] = [];
    for (const { name } of index.after(query.after)) {
      if (page.length === query.limit) break;
      const stored = this.#operations.get(name);
      if (stored !== undefined) page.push(stored);
    }
    return page;
  }

  async deleteExpired(nowMs: number, limit: number): Promise<number> {
    if (nowMs < this.#firstExpireTimeMs) return 0;
    const expired: string[] = [];
    let firstExpireTimeMs = Number.POSITIVE_INFINITY;
    for (const [name, expireTimeMs] of this.#ended) {
      if (expireTimeMs > nowMs) firstExpireTimeMs = Math.min(firstExpireTimeMs, expireTimeMs);
      else if (expired.length < limit) expired.push(name);
      else break;
    }
    if (expired.length < limit) this.#firstExpireTimeMs = firstExpireTimeMs;
    for (const name of expired) this.#forget(name);
    return expired.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #forget(name: string): boolean {
    const stored = this.#operations.get(name);
    if (stored === undefined) return false;
    this.#operations.delete(name);
    this.#ended.delete(name);
    const index = this.#index(stored.parent);
    index.remove(stored);
    if (index.size === 0) this.#indexes.delete(stored.parent);
    this.changes.announce(name);
    return true;
  }

  #noteEnd({ name, expireTimeMs }: StoredOperation): void {
    if (expireTimeMs === undefined) return;
    this.#ended.set(name, expireTimeMs);
    this.#firstExpireTimeMs = Math.min(this.#firstExpireTimeMs, expireTimeMs);
  }

  #index(parent: string): ListIndex {
    let index = this.#indexes.get(parent);
    if (index === undefined) {
      index = new ListIndex();
      this.#indexes.set(parent, index);
    }
    return index;
  }
}
