import { attemptsExhausted } from "../operation/errors.ts";
import { filling, type MetadataFiller } from "../operation/standard-metadata.ts";
import { statusOfError } from "../operation/status.ts";
import type { StoredOperation } from "../operation/stored-operation.ts";
import { complete, type Transition, takeOver } from "../operation/transition.ts";
import type { OperationStore } from "../store/operation-store.ts";
import type { Clock } from "../time/clock.ts";
import type { Handlers, RegisteredHandler } from "./handlers.ts";
import type { Logger } from "./logger.ts";
import type { Slots } from "./slots.ts";

/** The time between two looks that changes of operations ask for: doubled with each that finds nothing. */
const SHORTEST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;

/** How many operations are claimed in one go at most. */
const MOST_AT_ONCE = 100;

/** What the loop needs of its manager. */
export interface ClaimLoopOptions {
  readonly store: OperationStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly owner: string;
  readonly handlers: Handlers;
  readonly slots: Slots;
  readonly fill: MetadataFiller;
  readonly retentionMs: number;
  readonly intervalMs: number;
  /** Resolves once this manager has a lease of its own. */
  readonly hold: () => Promise<unknown>;
  /** Begins the work of an operation that is this manager's now, in a slot that is taken for it. */
  readonly begin: (stored: StoredOperation, handler: RegisteredHandler) => void;
}

/**
 * Takes over work that waits for a handler of this process, as far as there are slots for it: what was given back,
 * what was started where there was no slot, and what another process left behind. It looks when something has
 * changed, when a slot is free again, and now and then.
 */
export class ClaimLoop {
  readonly #options: ClaimLoopOptions;
  /** Whether somebody has asked for a look that has not begun. */
  #isAskedFor = false;
  /** Whether it was a change that asked for it, of which nobody knows whether it is one that matters here. */
  #isWoken = false;
  #looking: Promise<void> | undefined;
  #callOff = () => {};
  #closed = false;
  #lastLookMs = Number.NEGATIVE_INFINITY;
  #pauseMs = SHORTEST_PAUSE_MS;
  /** Operations that were claimed, it may be, by a claim whose answer was lost. */
  readonly #doubtful: string[] = [];
  #turn = 0;
  readonly #unsubscribe: () => void;

  constructor(options: ClaimLoopOptions) {
    this.#options = options;
    const wake = () => this.wake();
    options.store.changes.on("change", wake);
    this.#unsubscribe = () => options.store.changes.off("change", wake);
  }

  /** Looks soon, if there are slots for what may be found. */
  wake(): void {
    if (this.#closed || this.#isAskedFor || this.#options.slots.open.length === 0) return;
    this.#isAskedFor = true;
    this.#isWoken = true;
    if (this.#looking === undefined) this.#lookAfter(this.#untilNextMs());
  }

  /** Looks at once, or again after a look that is under way. */
  start(): void {
    this.#isAskedFor = true;
    if (this.#looking === undefined) this.#look();
  }

  /** Looks no more. Resolves once a look that was under way is over. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#unsubscribe();
    this.#callOff();
    await this.#looking;
  }

  #lookAfter(delayMs: number): void {
    this.#callOff();
    if (!this.#closed) this.#callOff = this.#options.clock.after(delayMs, () => this.#look(), true);
  }

  #look(): void {
    if (this.#closed) return;
    this.#callOff();
    this.#isAskedFor = false;
    this.#looking = this.#claim().finally(() => {
      this.#looking = undefined;
      this.#lastLookMs = this.#options.clock.monotonicMs();
      this.#lookAfter(this.#isAskedFor ? this.#untilNextMs() : this.#options.intervalMs);
    });
  }

  #untilNextMs(): number {
    return Math.max(0, this.#lastLookMs + this.#pauseMs - this.#options.clock.monotonicMs());
  }

  async #claim(): Promise<void> {
    const { logger, slots, hold } = this.#options;
    try {
      await hold();
      await this.#beginDoubtful();
      const open = slots.open;
      if (open.length === 0) return;
      const isWoken = this.#isWoken;
      this.#isWoken = false;
      // Each look begins with another handler, so that where slots are scarce none waits for ever.
      const first = this.#turn++ % open.length;
      let found = 0;
      for (const handler of [...open.slice(first), ...open.slice(0, first)]) {
        found += await this.#claimOf(handler);
      }
      if (found > 0) this.#pauseMs = SHORTEST_PAUSE_MS;
      else if (isWoken) this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
      // Where some were found, more may wait.
      if (found > 0 && slots.open.length > 0) this.#isAskedFor = true;
    } catch (error) {
      logger.error("work that waits could not be taken over", error);
    }
  }

  /** Takes over work of a handler. Answers how much it found. */
  async #claimOf(handler: string): Promise<number> {
    const { store, slots } = this.#options;
    const limit = Math.min(slots.free(handler), MOST_AT_ONCE);
    if (limit === 0 || this.#closed) return 0;
    const touched: string[] = [];
    const transition: Transition = (orphan) => {
      touched.push(orphan.name);
      return this.#transition(orphan);
    };
    // What may be found has its slots, so that nobody else begins work in them meanwhile.
    slots.take(handler, limit);
    let begun = 0;
    try {
      const claimed = await store.claim({ handler, limit }, transition);
      for (const stored of claimed) if (this.#begin(stored)) begun++;
      return claimed.length;
    } catch (error) {
      // The store may have made the transitions, and the answer been lost.
      this.#doubtful.push(...touched);
      throw error;
    } finally {
      slots.giveBack(handler, limit - begun);
    }
  }

  #transition(orphan: StoredOperation): StoredOperation {
    const { owner, handlers, clock, fill, retentionMs } = this.#options;
    const { name, work, attempt } = orphan;
    const most = (work && handlers.get(work.handler))?.type.onServerLoss.maxAttempts ?? 0;
    const nowMs = clock.wallMs();
    if (attempt < most) return filling(fill, nowMs, takeOver(owner, nowMs))(orphan);
    const result = { case: "error", value: statusOfError(attemptsExhausted(name, attempt)) } as const;
    return filling(fill, nowMs, complete({ result, endTimeMs: nowMs, retentionMs }))(orphan);
  }

  /** Begins what is this manager's, though the store did not say so when it was claimed. */
  async #beginDoubtful(): Promise<void> {
    const { store, owner, slots } = this.#options;
    for (const name of [...this.#doubtful]) {
      const stored = await store.get(name);
      this.#doubtful.shift();
      if (stored?.owner === owner && this.#begin(stored)) slots.take(stored.work?.handler ?? "");
    }
  }

  /** Begins work for which a slot is taken. Answers whether there was any to begin. */
  #begin(stored: StoredOperation): boolean {
    const { handlers, begin } = this.#options;
    const handler = stored.work && handlers.get(stored.work.handler);
    if (handler === undefined || stored.message.done || this.#closed) return false;
    begin(stored, handler);
    return true;
  }
}
