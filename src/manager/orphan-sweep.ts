import { abortedWithServer, attemptsExhausted, handlerMissing } from "../operation/errors.ts";
import { filling, type MetadataFiller } from "../operation/standard-metadata.ts";
import { statusOfError } from "../operation/status.ts";
import type { StoredOperation } from "../operation/stored-operation.ts";
import { complete, isOwnedBy, type Transition, takeOver } from "../operation/transition.ts";
import type { OperationStore } from "../store/operation-store.ts";
import type { Clock } from "../time/clock.ts";
import type { Handlers, RegisteredHandler } from "./handlers.ts";
import type { Logger } from "./logger.ts";

/** How many orphans are looked at in one go. */
const BATCH = 100;

/** How long an operation may wait for a server that has its handler, before it ends as ABORTED. */
const HANDLER_MISSING_MS = 60 * 60_000;

/** What the sweep needs of its manager. */
export interface OrphanSweepOptions {
  readonly store: OperationStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly owner: string;
  readonly handlers: Handlers;
  readonly fill: MetadataFiller;
  readonly retentionMs: number;
  readonly intervalMs: number;
  /** Resolves once this manager has a lease of its own. */
  readonly hold: () => Promise<unknown>;
  /** Goes on with an operation that is this manager's now. */
  readonly resume: (stored: StoredOperation, handler: RegisteredHandler) => void;
}

/**
 * Looks now and then for operations whose server went away, until it is closed: begins them again where their
 * handler is registered here, and ends those that nobody can go on with.
 */
export class OrphanSweep {
  readonly #options: OrphanSweepOptions;
  #callOff: () => void = () => {};
  #sweeping: Promise<void> | undefined;
  #again = false;
  /** Since when, by the monotonic clock, operations are seen whose handler nobody here has. */
  #unhandledSince = new Map<string, number>();
  /** Operations that were taken over, with an answer of the store that was lost. */
  readonly #doubtful = new Map<string, { readonly handler: RegisteredHandler; readonly attempt: number }>();
  #closed = false;

  constructor(options: OrphanSweepOptions) {
    this.#options = options;
  }

  /** Looks at once, or again after a look that is under way. */
  start(): void {
    if (this.#closed) return;
    if (this.#sweeping !== undefined) {
      this.#again = true;
      return;
    }
    this.#callOff();
    this.#sweeping = this.#sweep().finally(() => {
      this.#sweeping = undefined;
      if (this.#closed) return;
      if (this.#again) {
        this.#again = false;
        this.start();
      } else {
        this.#callOff = this.#options.clock.after(this.#options.intervalMs, () => this.start(), true);
      }
    });
  }

  /** Looks no more. Resolves once a look that was under way is over. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#callOff();
    await this.#sweeping;
  }

  async #sweep(): Promise<void> {
    const { handlers, logger, hold } = this.#options;
    try {
      await hold();
      await this.#resumeDoubtful();
      await this.#settleAll({ handlers: handlers.names });
      await this.#endUnhandled();
    } catch (error) {
      logger.error("operations whose server went away could not be settled", error);
    }
  }

  async #settleAll(query: { readonly handlers: readonly string[] }): Promise<void> {
    for (let found = BATCH; found === BATCH && !this.#closed; ) {
      const orphans = await this.#options.store.orphans({ ...query, limit: BATCH });
      // Whoever else settles one of them at the same time, is as good.
      await allSettled(orphans.map((orphan) => this.#settle(orphan)));
      found = orphans.length;
    }
  }

  /** Ends what has waited for its handler for too long, since this manager saw it first. */
  async #endUnhandled(): Promise<void> {
    const { store, clock } = this.#options;
    const nowMs = clock.monotonicMs();
    const waiting = await store.orphans({ handlers: [], anyHandler: true, limit: BATCH });
    const unhandled = waiting.filter(({ work }) => work && !this.#options.handlers.get(work.handler));
    const before = this.#unhandledSince;
    this.#unhandledSince = new Map(unhandled.map(({ name }) => [name, before.get(name) ?? nowMs]));
    const overdue = unhandled.filter(({ name }) => nowMs - (before.get(name) ?? nowMs) >= HANDLER_MISSING_MS);
    await allSettled(
      overdue.map((orphan) => this.#end(orphan, handlerMissing(orphan.name, orphan.work?.handler ?? ""))),
    );
  }

  /** Goes on with operations that are this manager's, though the store did not say so when it took them over. */
  async #resumeDoubtful(): Promise<void> {
    const { store, owner, resume } = this.#options;
    for (const [name, { handler, attempt }] of this.#doubtful) {
      const stored = await store.get(name);
      this.#doubtful.delete(name);
      if (this.#closed || stored === undefined || stored.message.done) continue;
      if (isOwnedBy(stored, { owner, attempt })) resume(stored, handler);
    }
  }

  async #settle(orphan: StoredOperation): Promise<void> {
    const { owner, handlers, clock, resume } = this.#options;
    const { name, work, attempt } = orphan;
    const handler = work && handlers.get(work.handler);
    if (work === undefined) return this.#end(orphan, abortedWithServer(name));
    if (handler === undefined || this.#closed) return;
    if (attempt >= handler.type.onServerLoss.maxAttempts) {
      return this.#end(orphan, attemptsExhausted(name, attempt));
    }
    try {
      const taken = await this.#swap(orphan, takeOver(owner, clock.wallMs()));
      if (taken !== undefined) resume(taken, handler);
    } catch (error) {
      this.#doubtful.set(name, { handler, attempt: attempt + 1 });
      throw error;
    }
  }

  async #end(orphan: StoredOperation, error: Parameters<typeof statusOfError>[0]): Promise<void> {
    const { clock, retentionMs } = this.#options;
    const result = { case: "error", value: statusOfError(error) } as const;
    await this.#swap(orphan, complete({ result, endTimeMs: clock.wallMs(), retentionMs }));
  }

  /** Makes a transition of an orphan as it was found; undefined where it is another by now. */
  async #swap(orphan: StoredOperation, transition: Transition): Promise<StoredOperation | undefined> {
    const { store, clock, fill } = this.#options;
    const changed = filling(fill, clock.wallMs(), transition)(orphan);
    const next = { ...changed, revision: orphan.revision + 1 };
    return (await store.replace(next)) ? next : undefined;
  }
}

/** Resolves once all have settled. Throws what the first of them was rejected with. */
async function allSettled(promises: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(promises);
  for (const result of results) if (result.status === "rejected") throw result.reason;
}
