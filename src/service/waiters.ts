import type { OperationObserver } from "../operation/operation-observer.ts";
import type { Share } from "../operation/share.ts";
import type { StoredOperation } from "../operation/stored-operation.ts";
import type { OperationStore } from "../store/operation-store.ts";
import type { Clock } from "../time/clock.ts";
import type { LightSignal } from "../time/light-signal.ts";
import { AwaitedOperation } from "./awaited-operation.ts";
import { ToldInSlices } from "./told-in-slices.ts";
import { WaitDeadlines } from "./wait-deadlines.ts";
import type { WaitEnd, Waiter } from "./waiter.ts";

/** The calls that wait for an operation on this server. */
export class Waiters {
  readonly #store: OperationStore;
  readonly #clock: Clock;
  readonly #awaited = new Map<string, AwaitedOperation>();
  readonly #deadlines: WaitDeadlines;
  readonly #slices: ToldInSlices;
  readonly #share: Share;
  #size = 0;
  #closed = false;

  readonly #observer: OperationObserver | undefined;

  /** Each call that waits takes one of the share. */
  constructor(store: OperationStore, clock: Clock, share: Share, observer?: OperationObserver) {
    this.#observer = observer;
    this.#store = store;
    this.#clock = clock;
    this.#slices = new ToldInSlices(clock);
    this.#share = share;
    this.#deadlines = new WaitDeadlines(clock, (waiters) => this.#slices.tell(waiters, undefined));
  }

  /** How many calls wait now. */
  get size(): number {
    return this.#size;
  }

  /**
   * The operation as soon as it is done, or as it is after `limitMs`, on `close`, or when the signal aborts;
   * undefined where it is not kept. Leaves nothing behind. Throws RESOURCE_EXHAUSTED where too many wait already, in
   * all or of that principal.
   */
  wait(
    name: string,
    limitMs: number,
    signal: LightSignal,
    principal?: string,
  ): Promise<StoredOperation | undefined> {
    if (limitMs <= 0 || this.#closed || signal.aborted) return this.#store.get(name);
    const giveBack = this.#share.take(principal);
    const waitEnds = this.#observer?.waitBegins?.(name);
    const answered = this.#untilDone(name, limitMs, signal, giveBack);
    return waitEnds === undefined ? answered : observed(answered, waitEnds);
  }

  /** Answers everyone who waits with the latest state, and from now on everyone at once. */
  close(): void {
    this.#closed = true;
    for (const { waiters } of this.#awaited.values()) this.#slices.tell(waiters, undefined);
  }

  #untilDone(
    name: string,
    limitMs: number,
    signal: LightSignal,
    giveBack: () => void,
  ): Promise<StoredOperation | undefined> {
    return new Promise((resolve) => {
      const awaited = this.#awaited.get(name) ?? this.#follow(name);
      const waiter: Waiter = {
        tell: (end) => {
          // Only once: of all that may end a wait, the first does.
          if (!awaited.waiters.delete(waiter)) return;
          this.#size--;
          this.#deadlines.leave(waiter, deadline);
          signal.onAbort(undefined);
          giveBack();
          if (awaited.waiters.size === 0) this.#forget(name, awaited);
          // Not done in time, or deleted meanwhile: answer as GetOperation would.
          resolve(end ?? this.#store.get(name));
        },
      };
      awaited.waiters.add(waiter);
      this.#size++;
      const deadline = this.#deadlines.add(waiter, limitMs);
      signal.onAbort(() => waiter.tell(undefined));
      // Whoever came before may not have heard yet that it has ended.
      if (awaited.waiters.size > 1) this.#look(name, waiter);
    });
  }

  #follow(name: string): AwaitedOperation {
    const awaited = new AwaitedOperation(this.#store, name, this.#clock);
    this.#awaited.set(name, awaited);
    const end = (end: WaitEnd) => {
      this.#forget(name, awaited);
      this.#slices.tell(awaited.waiters, end);
    };
    awaited.done().then(end, (error: unknown) => end(failed(error)));
    return awaited;
  }

  #look(name: string, waiter: Waiter): void {
    this.#store.get(name).then(
      (stored) => {
        if (stored === undefined) waiter.tell(undefined);
        else if (stored.message.done) waiter.tell(stored);
      },
      (error: unknown) => waiter.tell(failed(error)),
    );
  }

  #forget(name: string, awaited: AwaitedOperation): void {
    awaited.stop();
    if (this.#awaited.get(name) === awaited) this.#awaited.delete(name);
  }
}

function failed(error: unknown): Promise<never> {
  const rejected = Promise.reject(error);
  // Whoever waited may have left.
  rejected.catch(() => {});
  return rejected;
}

/** What a wait is answered with, which an observer hears of too. */
async function observed(
  answered: Promise<StoredOperation | undefined>,
  waitEnds: (stored: StoredOperation | undefined) => void,
): Promise<StoredOperation | undefined> {
  let stored: StoredOperation | undefined;
  try {
    stored = await answered;
  } finally {
    waitEnds(stored);
  }
  return stored;
}
