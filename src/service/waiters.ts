import { tooManyWaits } from "../operation/errors.ts";
import { Share, type ShareLimits } from "../operation/share.ts";
import type { StoredOperation } from "../operation/stored-operation.ts";
import type { OperationStore } from "../store/operation-store.ts";
import { type Watch, watch } from "../store/watch.ts";
import type { Clock } from "../time/clock.ts";

/** The calls that wait for an operation on this server. */
export class Waiters {
  readonly #store: OperationStore;
  readonly #clock: Clock;
  readonly #waiting = new Set<Watch>();
  readonly #share: Share;
  #closed = false;

  /** No more wait at once than `limits` allow. */
  constructor(store: OperationStore, clock: Clock, limits: ShareLimits = {}) {
    this.#store = store;
    this.#clock = clock;
    this.#share = new Share(limits, tooManyWaits);
  }

  /** How many calls wait now. */
  get size(): number {
    return this.#waiting.size;
  }

  /**
   * The operation as soon as it is done, or as it is after `limitMs`, on `close`, or when the signal aborts;
   * undefined where it is not kept. Leaves nothing behind. Throws RESOURCE_EXHAUSTED where too many wait already, in
   * all or of that principal.
   */
  async wait(
    name: string,
    limitMs: number,
    signal: AbortSignal,
    principal?: string,
  ): Promise<StoredOperation | undefined> {
    if (limitMs > 0 && !this.#closed && !signal.aborted) {
      const giveBack = this.#share.take(principal);
      const done = await this.#waitUntilDone(name, limitMs, signal).finally(giveBack);
      if (done !== undefined) return done;
    }
    // Not done in time, or deleted meanwhile: answer as GetOperation would.
    return this.#store.get(name);
  }

  /** Answers everyone who waits with the latest state, and from now on everyone at once. */
  close(): void {
    this.#closed = true;
    for (const watched of this.#waiting) watched.stop();
  }

  async #waitUntilDone(
    name: string,
    limitMs: number,
    signal: AbortSignal,
  ): Promise<StoredOperation | undefined> {
    const watched = watch(this.#store, name, this.#clock);
    const stop = () => watched.stop();
    const callOff = this.#clock.after(limitMs, stop);
    signal.addEventListener("abort", stop);
    this.#waiting.add(watched);
    try {
      for await (const stored of watched) if (stored.message.done) return stored;
      return undefined;
    } finally {
      this.#waiting.delete(watched);
      signal.removeEventListener("abort", stop);
      callOff();
    }
  }
}
