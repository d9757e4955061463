import { compareBytewise } from "../../operation/bytewise.ts";
import { awaitedHandler, type StoredOperation } from "../../operation/stored-operation.ts";
import type { Transition } from "../../operation/transition.ts";
import { type Clock, systemClock } from "../../time/clock.ts";
import { ChangeHub } from "../change-hub.ts";
import { claimBySwapping } from "../claim.ts";
import type { ClaimQuery, Lease, ListQuery, OperationStore, OrphanQuery } from "../operation-store.ts";
import { OwnerLeases } from "../owner-leases.ts";
import { ListIndexes } from "./list-indexes.ts";

/** How a store behaves. */
export interface MemoryStoreOptions {
  /** The machine's clock by default. */
  readonly clock?: Clock | undefined;
}

/** When work that waits may be begun again. */
interface Delay {
  /** By the monotonic clock. */
  readonly endMs: number;
  /** In milliseconds since the epoch: its place among those that wait. */
  readonly readyTimeMs: number;
}

/**
 * Keeps operations in this process's memory: quick, and gone with the process. For tests, for development,
 * and for services whose operations need not outlive a restart.
 */
export class MemoryStore implements OperationStore {
  readonly changes = new ChangeHub();
  readonly isShared = false;
  readonly #operations = new Map<string, StoredOperation>();
  readonly #lists = new ListIndexes();
  // In the order in which they ended, which with one retention is the order in which they expire.
  readonly #ended = new Map<string, number>();
  readonly #running = new Set<string>();
  readonly #nameByRequest = new Map<string, string>();
  readonly #delays = new Map<string, Delay>();
  readonly #leases = new OwnerLeases();
  readonly #keys = new Map<string, Uint8Array>();
  readonly #clock: Clock;
  /** Nothing expires before; a sweep that comes earlier need not look. */
  #firstExpireTimeMs = Number.POSITIVE_INFINITY;

  constructor(options: MemoryStoreOptions = {}) {
    this.#clock = options.clock ?? systemClock;
  }

  async insert(stored: StoredOperation): Promise<boolean> {
    const { name, request } = stored;
    if (this.#operations.has(name) || (request && this.#nameByRequest.has(request.id))) return false;
    this.#operations.set(name, stored);
    if (request !== undefined) this.#nameByRequest.set(request.id, name);
    if (!stored.message.done) this.#running.add(name);
    this.#lists.add(stored);
    this.#noteEnd(stored);
    this.#noteDelay(stored);
    this.#announce(stored);
    return true;
  }

  async get(name: string): Promise<StoredOperation | undefined> {
    return this.#operations.get(name);
  }

  async getByRequest(requestId: string): Promise<StoredOperation | undefined> {
    const name = this.#nameByRequest.get(requestId);
    return name === undefined ? undefined : this.#operations.get(name);
  }

  async replace(next: StoredOperation): Promise<boolean> {
    const kept = this.#operations.get(next.name);
    if (kept === undefined || kept.revision !== next.revision - 1) return false;
    this.#operations.set(next.name, next);
    this.#lists.replace(kept, next);
    this.#noteEnd(next);
    this.#noteDelay(next);
    this.#announce(next);
    return true;
  }

  async delete(name: string): Promise<boolean> {
    return this.#forget(name);
  }

  async list(query: ListQuery): Promise<readonly StoredOperation[]> {
    const { limit, createdFromMs = Number.NEGATIVE_INFINITY } = query;
    const page: StoredOperation[] = [];
    for (const { name, createTimeMs } of this.#lists.positionsOf(query)) {
      if (page.length === limit || createTimeMs < createdFromMs) break;
      const stored = this.#operations.get(name);
      if (stored !== undefined) page.push(stored);
    }
    return page;
  }

  /** Neither names nor expire times are in an order here. */
  async listInRange(): Promise<undefined> {}

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

  async deleteSurplus(mostPerParent: number, limit: number): Promise<number> {
    const surplus = this.#endedByParent().flatMap((ended) =>
      ended.slice(0, Math.max(0, ended.length - mostPerParent)),
    );
    const forgotten = surplus.slice(0, limit);
    for (const { name } of forgotten) this.#forget(name);
    return forgotten.length;
  }

  async hold(owner: string): Promise<Lease> {
    return this.#leases.hold(owner);
  }

  async orphans({ handlers, limit, name: only }: OrphanQuery): Promise<readonly StoredOperation[]> {
    const nowMs = this.#clock.monotonicMs();
    const orphans: StoredOperation[] = [];
    for (const name of only === undefined ? this.#running : [only]) {
      const stored = this.#operations.get(name);
      if (stored === undefined || stored.message.done || !this.#isOrphan(stored)) continue;
      const isDelayed = (this.#delays.get(name)?.endMs ?? nowMs) > nowMs;
      if ((only !== undefined || !isDelayed) && isAskedFor(stored.work?.handler, handlers)) {
        orphans.push(stored);
      }
    }
    const readyTimeMs = ({ name, createTimeMs }: StoredOperation) =>
      this.#delays.get(name)?.readyTimeMs ?? createTimeMs;
    return orphans
      .toSorted((a, b) => readyTimeMs(a) - readyTimeMs(b) || compareBytewise(a.name, b.name))
      .slice(0, limit);
  }

  claim(query: ClaimQuery, transition: Transition): Promise<readonly StoredOperation[]> {
    return claimBySwapping(this, query, transition);
  }

  async keyOf(name: string, made: Uint8Array): Promise<Uint8Array> {
    const kept = this.#keys.get(name) ?? Uint8Array.from(made);
    this.#keys.set(name, kept);
    return Uint8Array.from(kept);
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #announce(stored: StoredOperation): void {
    this.changes.announce(stored.name);
    const handler = awaitedHandler(stored);
    if (handler !== undefined) this.changes.announceWork(handler);
  }

  #forget(name: string): boolean {
    const stored = this.#operations.get(name);
    if (stored === undefined) return false;
    this.#operations.delete(name);
    this.#ended.delete(name);
    this.#running.delete(name);
    this.#delays.delete(name);
    if (stored.request !== undefined) this.#nameByRequest.delete(stored.request.id);
    this.#lists.remove(stored);
    this.changes.announce(name);
    return true;
  }

  #isOrphan({ owner, work }: StoredOperation): boolean {
    return owner === undefined ? work !== undefined : !this.#leases.has(owner);
  }

  /** The finished operations of each parent, those first that ended first. */
  #endedByParent(): StoredOperation[][] {
    const ended = Array.from(this.#ended.keys(), (name) => this.#operations.get(name));
    const byParent = Map.groupBy(
      ended.filter((stored) => stored !== undefined),
      ({ parent }) => parent,
    );
    return Array.from(byParent.values(), (stored) => stored.toSorted(compareByEnd));
  }

  #noteEnd({ name, message, expireTimeMs }: StoredOperation): void {
    if (message.done) this.#running.delete(name);
    if (expireTimeMs === undefined) return;
    this.#ended.set(name, expireTimeMs);
    this.#firstExpireTimeMs = Math.min(this.#firstExpireTimeMs, expireTimeMs);
  }

  #noteDelay({ name, delayMs }: StoredOperation): void {
    if (delayMs === undefined) {
      this.#delays.delete(name);
      return;
    }
    const endMs = this.#clock.monotonicMs() + delayMs;
    this.#delays.set(name, { endMs, readyTimeMs: this.#clock.wallMs() + delayMs });
  }
}

function isAskedFor(handler: string | undefined, handlers: OrphanQuery["handlers"]): boolean {
  if (handler === undefined) return handlers === "none";
  return handlers === "any" || handlers.includes(handler);
}

function compareByEnd(a: StoredOperation, b: StoredOperation): number {
  return (a.endTimeMs ?? 0) - (b.endTimeMs ?? 0) || compareBytewise(a.name, b.name);
}
