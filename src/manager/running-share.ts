import { tooManyRunning } from "../operation/errors.ts";
import { Share, type ShareLimits } from "../operation/share.ts";
import type { OperationStore } from "../store/operation-store.ts";
import { type Watch, watch } from "../store/watch.ts";
import type { Clock } from "../time/clock.ts";

/**
 * Keeps the operations that were started here, and are not done yet, within their limits. Each is watched in the
 * store, because one that waits may be begun, and ended, anywhere. Without limits nothing is watched.
 */
export class RunningShare {
  readonly #store: OperationStore;
  readonly #clock: Clock;
  readonly #share: Share | undefined;
  readonly #watches = new Set<Watch>();
  readonly #counting = new Set<Promise<void>>();

  constructor(store: OperationStore, clock: Clock, limits: ShareLimits) {
    this.#store = store;
    this.#clock = clock;
    const isLimited = limits.most !== undefined || limits.mostOfPrincipal !== undefined;
    this.#share = isLimited ? new Share(limits, tooManyRunning) : undefined;
  }

  /**
   * Makes room for one more, which `start` is to keep. It counts until it is done or gone; where `start` answers no
   * name or throws, it does not. Throws RESOURCE_EXHAUSTED, without a start, where there is no room.
   */
  async within<Started>(
    principal: string | undefined,
    start: () => Promise<Started>,
    nameOf: (started: Started) => string | undefined,
  ): Promise<Started> {
    if (this.#share === undefined) return start();
    const giveBack = this.#share.take(principal);
    let name: string | undefined;
    try {
      const started = await start();
      name = nameOf(started);
      return started;
    } finally {
      if (name === undefined) giveBack();
      else this.#countUntilDone(name, giveBack);
    }
  }

  /** Counts no longer. */
  async close(): Promise<void> {
    for (const watched of this.#watches) watched.stop();
    await Promise.all(this.#counting);
  }

  #countUntilDone(name: string, giveBack: () => void): void {
    const watched = watch(this.#store, name, this.#clock);
    this.#watches.add(watched);
    const counting = untilDone(watched).finally(() => {
      giveBack();
      this.#watches.delete(watched);
      this.#counting.delete(counting);
    });
    this.#counting.add(counting);
  }
}

async function untilDone(watched: Watch): Promise<void> {
  try {
    for await (const { message } of watched) if (message.done) return;
  } catch {
    // The store cannot be read. A start has to be kept there too, and then it is the store that refuses.
  }
}
