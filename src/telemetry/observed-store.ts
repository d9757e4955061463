import type { StoredOperation } from "../operation/stored-operation.ts";
import type { Transition } from "../operation/transition.ts";
import type { ChangeHub } from "../store/change-hub.ts";
import type {
  ClaimQuery,
  Lease,
  ListQuery,
  OperationStore,
  OrphanQuery,
  RangeQuery,
} from "../store/operation-store.ts";
import type { Clock } from "../time/clock.ts";
import { stateOf, typeOf } from "./operation-attributes.ts";
import type { OperationMetrics } from "./operation-metrics.ts";
import { told } from "./told.ts";
import { WaitingWork } from "./waiting-work.ts";

/** Measures how long a store takes, and how long the operations took that end: whoever ends one, does it here. */
export class ObservedStore implements OperationStore {
  readonly #store: OperationStore;
  readonly #metrics: OperationMetrics;
  readonly #clock: Clock;
  readonly #countWaiting: (result: { observe(value: number): void }) => Promise<void>;

  constructor(store: OperationStore, metrics: OperationMetrics, clock: Clock) {
    this.#store = store;
    this.#metrics = metrics;
    this.#clock = clock;
    const waiting = new WaitingWork(store, clock);
    this.#countWaiting = async (result) => {
      const count = await waiting.count();
      if (count !== undefined) result.observe(count);
    };
    metrics.waitingWork.addCallback(this.#countWaiting);
  }

  get changes(): ChangeHub {
    return this.#store.changes;
  }

  get isShared(): boolean {
    return this.#store.isShared;
  }

  insert(stored: StoredOperation): Promise<boolean> {
    return this.#timed("insert", () => this.#store.insert(stored));
  }

  get(name: string): Promise<StoredOperation | undefined> {
    return this.#timed("get", () => this.#store.get(name));
  }

  getByRequest(requestId: string): Promise<StoredOperation | undefined> {
    return this.#timed("get_by_request", () => this.#store.getByRequest(requestId));
  }

  async replace(next: StoredOperation): Promise<boolean> {
    const isKept = await this.#timed("replace", () => this.#store.replace(next));
    if (isKept) this.#countEnd(next);
    return isKept;
  }

  delete(name: string): Promise<boolean> {
    return this.#timed("delete", () => this.#store.delete(name));
  }

  list(query: ListQuery): Promise<readonly StoredOperation[]> {
    return this.#timed("list", () => this.#store.list(query));
  }

  listInRange(query: RangeQuery): Promise<readonly StoredOperation[] | undefined> {
    return this.#timed("list_in_range", () => this.#store.listInRange(query));
  }

  deleteExpired(nowMs: number, limit: number): Promise<number> {
    return this.#timed("delete_expired", () => this.#store.deleteExpired(nowMs, limit));
  }

  deleteSurplus(mostPerParent: number, limit: number): Promise<number> {
    return this.#timed("delete_surplus", () => this.#store.deleteSurplus(mostPerParent, limit));
  }

  hold(owner: string, leaseMs: number): Promise<Lease> {
    return this.#timed("hold", () => this.#store.hold(owner, leaseMs));
  }

  orphans(query: OrphanQuery): Promise<readonly StoredOperation[]> {
    return this.#timed("orphans", () => this.#store.orphans(query));
  }

  async claim(query: ClaimQuery, transition: Transition): Promise<readonly StoredOperation[]> {
    const claimed = await this.#timed("claim", () => this.#store.claim(query, transition));
    for (const stored of claimed) this.#countEnd(stored);
    return claimed;
  }

  keyOf(name: string, made: Uint8Array): Promise<Uint8Array> {
    return this.#timed("key_of", () => this.#store.keyOf(name, made));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#metrics.waitingWork.removeCallback(this.#countWaiting);
    await this.#store[Symbol.asyncDispose]();
  }

  /** Nothing that is done changes: it is done by this change. */
  #countEnd(stored: StoredOperation): void {
    if (!stored.message.done || stored.endTimeMs === undefined) return;
    const seconds = Math.max(0, stored.endTimeMs - stored.createTimeMs) / 1_000;
    told(() => this.#metrics.duration.record(seconds, { ...typeOf(stored), ...stateOf(stored) }));
  }

  async #timed<Value>(call: string, ask: () => Promise<Value>): Promise<Value> {
    const startMs = this.#clock.monotonicMs();
    let fault = {};
    try {
      return await ask();
    } catch (error) {
      fault = { "error.type": error instanceof Error ? error.name : "unknown" };
      throw error;
    } finally {
      const seconds = (this.#clock.monotonicMs() - startMs) / 1_000;
      told(() => this.#metrics.storeCalls.record(seconds, { "longrunning.store.call": call, ...fault }));
    }
  }
}
