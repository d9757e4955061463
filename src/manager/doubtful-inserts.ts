import type { StoredOperation } from "../operation/stored-operation.ts";
import type { OperationStore } from "../store/operation-store.ts";
import type { Clock } from "../time/clock.ts";
import { sleep } from "../time/sleep.ts";
import { retryDelayMs } from "./retry-delay.ts";

/** Sees to the work of an operation that is kept after all, as if it had been started. */
export type Adopt = (stored: StoredOperation) => Promise<unknown>;

/**
 * New operations that a store refused, and may have kept all the same. Whoever started one was told that it is not
 * kept. So it is deleted as soon as the store can; but not where its request can come again, because another server
 * may have answered that with it by then: its work is begun.
 */
export class DoubtfulInserts {
  readonly #store: OperationStore;
  readonly #clock: Clock;
  readonly #settling = new Map<string, Promise<void>>();
  readonly #stop = new AbortController();

  constructor(store: OperationStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Begins to settle what becomes of an operation of which nobody knows whether it is kept. */
  settle(stored: StoredOperation, adopt: Adopt): void {
    if (this.#stop.signal.aborted) return;
    const { name } = stored;
    const act = async () => {
      if (stored.request === undefined) await this.#store.delete(name);
      else await this.#adoptIfKept(stored, adopt);
    };
    const settling = this.#insist(act).finally(() => this.#settling.delete(name));
    this.#settling.set(name, settling);
  }

  /** Resolves once an operation is deleted, or its work begun; undefined where it is in no doubt. */
  settled(name: string): Promise<void> | undefined {
    return this.#settling.get(name);
  }

  /** Tries no more. What is left over has an owner without a lease, and is found by others. */
  async close(): Promise<void> {
    this.#stop.abort("closed");
    await Promise.all(this.#settling.values());
  }

  async #adoptIfKept({ name, owner, attempt }: StoredOperation, adopt: Adopt): Promise<void> {
    const kept = await this.#store.get(name);
    const isOurs = kept?.owner === owner && kept?.attempt === attempt;
    if (kept !== undefined && isOurs && !kept.message.done) await adopt(kept);
  }

  async #insist(act: () => Promise<void>): Promise<void> {
    const { signal } = this.#stop;
    for (let refusals = 1; !signal.aborted; refusals++) {
      try {
        await act();
        return;
      } catch {
        await sleep(this.#clock, retryDelayMs(refusals), signal).catch(() => {});
      }
    }
  }
}
