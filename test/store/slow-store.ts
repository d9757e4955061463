import type { StoredOperation } from "../../src/operation/stored-operation.ts";
import type { Transition } from "../../src/operation/transition.ts";
import type { ChangeHub } from "../../src/store/change-hub.ts";
import type {
  ClaimQuery,
  Lease,
  ListQuery,
  OperationStore,
  OrphanQuery,
  RangeQuery,
} from "../../src/store/operation-store.ts";

/** Waits for as long as somebody else decides. The label tells what for. */
export type Delay = (label: string) => Promise<void>;

/** A store behind a slow wire: each call waits before it reaches the store, and its answer before it comes back. */
export class SlowStore implements OperationStore {
  readonly #store: OperationStore;
  readonly #delay: Delay;

  constructor(store: OperationStore, delay: Delay) {
    this.#store = store;
    this.#delay = delay;
  }

  get isShared(): boolean {
    return this.#store.isShared;
  }

  get changes(): ChangeHub {
    return this.#store.changes;
  }

  insert(stored: StoredOperation): Promise<boolean> {
    return this.#slowly("insert", () => this.#store.insert(stored));
  }

  get(name: string): Promise<StoredOperation | undefined> {
    return this.#slowly("get", () => this.#store.get(name));
  }

  replace(next: StoredOperation): Promise<boolean> {
    return this.#slowly(`replace ${next.revision}`, () => this.#store.replace(next));
  }

  delete(name: string): Promise<boolean> {
    return this.#slowly("delete", () => this.#store.delete(name));
  }

  list(query: ListQuery): Promise<readonly StoredOperation[]> {
    return this.#slowly("list", () => this.#store.list(query));
  }

  listInRange(query: RangeQuery): Promise<readonly StoredOperation[] | undefined> {
    return this.#slowly("listInRange", () => this.#store.listInRange(query));
  }

  deleteExpired(nowMs: number, limit: number): Promise<number> {
    return this.#slowly("deleteExpired", () => this.#store.deleteExpired(nowMs, limit));
  }

  getByRequest(requestId: string): Promise<StoredOperation | undefined> {
    return this.#slowly("getByRequest", () => this.#store.getByRequest(requestId));
  }

  deleteSurplus(mostPerParent: number, limit: number): Promise<number> {
    return this.#slowly("deleteSurplus", () => this.#store.deleteSurplus(mostPerParent, limit));
  }

  hold(owner: string, leaseMs: number): Promise<Lease> {
    return this.#slowly("hold", () => this.#store.hold(owner, leaseMs));
  }

  orphans(query: OrphanQuery): Promise<readonly StoredOperation[]> {
    return this.#slowly("orphans", () => this.#store.orphans(query));
  }

  claim(query: ClaimQuery, transition: Transition): Promise<readonly StoredOperation[]> {
    return this.#slowly("claim", () => this.#store.claim(query, transition));
  }

  keyOf(name: string, made: Uint8Array): Promise<Uint8Array> {
    return this.#slowly("keyOf", () => this.#store.keyOf(name, made));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store[Symbol.asyncDispose]();
  }

  async #slowly<T>(call: string, inner: () => Promise<T>): Promise<T> {
    await this.#delay(`${call} goes out`);
    const answer = await inner();
    await this.#delay(`${call} comes back`);
    return answer;
  }
}
