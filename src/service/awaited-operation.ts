import type { StoredOperation } from "../operation/stored-operation.ts";
import type { OperationStore } from "../store/operation-store.ts";
import { type Watch, watch } from "../store/watch.ts";
import type { Clock } from "../time/clock.ts";
import type { Waiter } from "./waiter.ts";

/** An operation that somebody waits for, followed once for all who do. */
export class AwaitedOperation {
  readonly waiters = new Set<Waiter>();
  readonly #watch: Watch;

  constructor(store: OperationStore, name: string, clock: Clock) {
    this.#watch = watch(store, name, clock);
  }

  /** Resolves with the operation when it is done, with undefined where it is gone or nobody follows it any more. */
  async done(): Promise<StoredOperation | undefined> {
    for await (const stored of this.#watch) if (stored.message.done) return stored;
    return undefined;
  }

  /** Follows it no more. */
  stop(): void {
    this.#watch.stop();
  }
}
