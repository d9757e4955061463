import type { Delivery, EngineHost, Outcome, RunObserver } from "../engine/engine.ts";
import { attemptsExhausted, cancelledByClient, inDomain } from "../operation/errors.ts";
import { filling, type MetadataFiller } from "../operation/standard-metadata.ts";
import { statusOfError } from "../operation/status.ts";
import type { StoredOperation } from "../operation/stored-operation.ts";
import { complete, type Transition, takeOver } from "../operation/transition.ts";
import type { ClaimQuery, OperationStore } from "../store/operation-store.ts";
import type { Clock } from "../time/clock.ts";
import type { Handlers, RegisteredHandler } from "./handlers.ts";
import type { Slots } from "./slots.ts";

/** Begins the work of an operation that is this manager's now, in a slot that is taken for it. */
export type Begin = (
  stored: StoredOperation,
  handler: RegisteredHandler,
  onEnd?: (outcome: Outcome) => void,
  observer?: RunObserver,
) => void;

/** What claims need of their manager. */
export interface ClaimsOptions {
  readonly store: OperationStore;
  readonly clock: Clock;
  readonly owner: string;
  readonly handlers: Handlers;
  readonly slots: Slots;
  readonly fill: MetadataFiller;
  readonly retentionMs: number;
  readonly errorDomain: string;
  /** How long others take to notice that an owner is gone. */
  readonly leaseMs: number;
  /** Resolves once this manager has a lease of its own. */
  readonly hold: () => Promise<unknown>;
  readonly begin: Begin;
}

/**
 * Takes over, for the engine, work that waits for a handler of this process: what was given back or failed, what was
 * started where there was no slot, and what another process left behind.
 */
export class Claims implements EngineHost {
  readonly #options: ClaimsOptions;
  /** Operations that were claimed, it may be, by a claim whose answer was lost. */
  readonly #doubtful: string[] = [];
  #closed = false;

  constructor(options: ClaimsOptions) {
    this.#options = options;
  }

  free(): ReadonlyMap<string, number> {
    const { slots } = this.#options;
    return new Map(slots.open.map((handler) => [handler, slots.free(handler)]));
  }

  async claim(handler: string, limit: number): Promise<number> {
    await this.#options.hold();
    await this.#beginDoubtful();
    // What may be found has its slots, so that nobody else begins work in them meanwhile.
    const most = Math.min(limit, this.#options.slots.free(handler));
    if (most === 0 || this.#closed) return 0;
    this.#options.slots.take(handler, most);
    let begun = 0;
    try {
      const claimed = await this.#claim({ handler, limit: most });
      for (const stored of claimed) if (this.#begin(stored)) begun++;
      return claimed.length;
    } finally {
      this.#options.slots.giveBack(handler, most - begun);
    }
  }

  async run({ name, handler }: Pick<Delivery, "name" | "handler">, observer?: RunObserver): Promise<Outcome> {
    const { slots, hold } = this.#options;
    // First of all, so that nobody counts on a slot that is as good as taken.
    await slots.acquire(handler);
    let hasBegun = false;
    try {
      await hold();
      await this.#beginDoubtful();
      if (this.#closed) return { case: "again", delayMs: 0 };
      const [stored] = await this.#claim({ handler, limit: 1, name });
      if (stored === undefined) return await this.#whyNot(name);
      return await new Promise<Outcome>((resolve) => {
        hasBegun = this.#begin(stored, resolve, observer);
        if (!hasBegun) resolve(outcomeOf(stored));
      });
    } finally {
      if (!hasBegun) slots.giveBack(handler);
    }
  }

  /** Takes nothing over any more. */
  close(): void {
    this.#closed = true;
  }

  async #claim(query: ClaimQuery): Promise<readonly StoredOperation[]> {
    const touched: string[] = [];
    const transition: Transition = (orphan) => {
      touched.push(orphan.name);
      return this.#transition(orphan);
    };
    try {
      return await this.#options.store.claim(query, transition);
    } catch (error) {
      // The store may have made the transitions, and the answer been lost.
      this.#doubtful.push(...touched);
      throw error;
    }
  }

  #transition(orphan: StoredOperation): StoredOperation {
    const { owner, handlers, clock, fill, retentionMs, errorDomain } = this.#options;
    const { name, work, attempt } = orphan;
    const most = (work && handlers.get(work.handler))?.type.onServerLoss.maxAttempts ?? 0;
    const nowMs = clock.wallMs();
    // Of work that nobody has begun there is nothing to stop; other is begun again, to stop.
    const isCancelled = orphan.cancelRequested && attempt === 0;
    if (attempt < most && !isCancelled) return filling(fill, nowMs, takeOver(owner, nowMs))(orphan);
    const refusal = isCancelled ? cancelledByClient(name) : attemptsExhausted(name, attempt);
    const error = inDomain(errorDomain, refusal);
    const result = { case: "error", value: statusOfError(error) } as const;
    return filling(fill, nowMs, complete({ result, endTimeMs: nowMs, retentionMs }))(orphan);
  }

  /** What keeps work that was delivered from being begun. */
  async #whyNot(name: string): Promise<Outcome> {
    const stored = await this.#options.store.get(name);
    if (stored === undefined || stored.message.done) return { case: "over" };
    return { case: "elsewhere", delayMs: this.#options.leaseMs };
  }

  /** Begins what is this manager's, though the store did not say so when it was claimed. */
  async #beginDoubtful(): Promise<void> {
    const { store, owner, slots } = this.#options;
    for (const name of [...this.#doubtful]) {
      const stored = await store.get(name);
      // Another call may have seen to it meanwhile.
      const i = this.#doubtful.indexOf(name);
      if (i < 0) continue;
      this.#doubtful.splice(i, 1);
      if (stored?.owner === owner && this.#begin(stored)) slots.take(stored.work?.handler ?? "");
    }
  }

  /** Begins work for which a slot is taken. Answers whether there was any to begin. */
  #begin(stored: StoredOperation, onEnd?: (outcome: Outcome) => void, observer?: RunObserver): boolean {
    const { handlers, begin } = this.#options;
    const handler = stored.work && handlers.get(stored.work.handler);
    if (handler === undefined || stored.message.done || this.#closed) return false;
    begin(stored, handler, onEnd, observer);
    return true;
  }
}

/** What became of an operation that was claimed and not begun: it has ended, or is left to others. */
function outcomeOf({ message }: StoredOperation): Outcome {
  const { result } = message;
  return result.case === "error" ? { case: "failed", error: result.value } : { case: "again", delayMs: 0 };
}
