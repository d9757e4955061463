import type { OperationStore } from "../store/operation-store.ts";
import type { Clock } from "../time/clock.ts";
import { sleep } from "../time/sleep.ts";
import { retryDelayMs } from "./retry-delay.ts";

/**
 * New operations that a store refused, and may have kept all the same: nobody was told of them, and nobody runs
 * their work. They are deleted as soon as the store can.
 */
export class DoubtfulInserts {
  readonly #store: OperationStore;
  readonly #clock: Clock;
  readonly #forgetting = new Map<string, Promise<void>>();
  readonly #stop = new AbortController();

  constructor(store: OperationStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Begins to delete an operation of which nobody knows whether it is kept. */
  forget(name: string): void {
    if (this.#stop.signal.aborted) return;
    const forgetting = this.#forget(name).finally(() => this.#forgetting.delete(name));
    this.#forgetting.set(name, forgetting);
  }

  /** Resolves once the operation is deleted; undefined where it is in no doubt. */
  forgotten(name: string): Promise<void> | undefined {
    return this.#forgetting.get(name);
  }

  /** Tries no more. What is left over has an owner without a lease, and is found by others. */
  async close(): Promise<void> {
    this.#stop.abort("closed");
    await Promise.all(this.#forgetting.values());
  }

  async #forget(name: string): Promise<void> {
    const { signal } = this.#stop;
    for (let refusals = 1; !signal.aborted; refusals++) {
      try {
        await this.#store.delete(name);
        return;
      } catch {
        await sleep(this.#clock, retryDelayMs(refusals), signal).catch(() => {});
      }
    }
  }
}
