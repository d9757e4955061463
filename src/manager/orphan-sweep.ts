import { abortedWithServer, handlerMissing, inDomain } from "../operation/errors.ts";
import type { Logger } from "../operation/logger.ts";
import { filling, type MetadataFiller } from "../operation/standard-metadata.ts";
import { statusOfError } from "../operation/status.ts";
import type { StoredOperation } from "../operation/stored-operation.ts";
import { complete } from "../operation/transition.ts";
import type { OperationStore } from "../store/operation-store.ts";
import type { Clock } from "../time/clock.ts";
import { Recurring } from "../time/recurring.ts";
import type { Handlers } from "./handlers.ts";

/** How many orphans are looked at in one go. */
const BATCH = 100;

/** How long an operation may wait for a server that has its handler, before it ends as ABORTED. */
const HANDLER_MISSING_MS = 60 * 60_000;

/** What the sweep needs of its manager. */
export interface OrphanSweepOptions {
  readonly store: OperationStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly handlers: Handlers;
  readonly fill: MetadataFiller;
  readonly retentionMs: number;
  readonly errorDomain: string;
  readonly intervalMs: number;
  /** Resolves once this manager has a lease of its own. */
  readonly hold: () => Promise<unknown>;
}

/**
 * Looks now and then for operations whose server went away and that nobody can go on with, until it is closed,
 * and ends them.
 */
export class OrphanSweep {
  readonly #options: OrphanSweepOptions;
  readonly #recurring: Recurring;
  /** Since when, by the monotonic clock, operations are seen whose handler nobody here has. */
  #unhandledSince = new Map<string, number>();

  constructor(options: OrphanSweepOptions) {
    this.#options = options;
    this.#recurring = new Recurring(
      options.clock,
      () => options.intervalMs,
      () => this.#sweep(),
    );
  }

  /** Looks at once, and not only when it is time to. */
  start(): void {
    void this.#recurring.now();
  }

  /** Looks no more. Resolves once a look that was under way is over. */
  close(): Promise<void> {
    return this.#recurring.close();
  }

  async #sweep(): Promise<void> {
    const { logger, hold } = this.#options;
    try {
      await hold();
      await this.#endAbandoned();
      // On a shared store another process may have the handler, and be busy.
      if (!this.#options.store.isShared) await this.#endUnhandled();
    } catch (error) {
      logger.error("operations whose server went away could not be ended", error);
    }
  }

  /** Ends what nobody can begin again. */
  async #endAbandoned(): Promise<void> {
    for (let found = BATCH; found === BATCH && !this.#recurring.isClosed; ) {
      const orphans = await this.#options.store.orphans({ handlers: "none", limit: BATCH });
      // Whoever else ends one of them at the same time, is as good.
      await allSettled(orphans.map((orphan) => this.#end(orphan, abortedWithServer(orphan.name))));
      found = orphans.length;
    }
  }

  /** Ends what has waited for its handler for too long, since this manager saw it first. */
  async #endUnhandled(): Promise<void> {
    const { store, clock } = this.#options;
    const nowMs = clock.monotonicMs();
    const waiting = await store.orphans({ handlers: "any", limit: BATCH });
    const unhandled = waiting.filter(({ work }) => work && !this.#options.handlers.get(work.handler));
    const before = this.#unhandledSince;
    this.#unhandledSince = new Map(unhandled.map(({ name }) => [name, before.get(name) ?? nowMs]));
    const overdue = unhandled.filter(({ name }) => nowMs - (before.get(name) ?? nowMs) >= HANDLER_MISSING_MS);
    await allSettled(
      overdue.map((orphan) => this.#end(orphan, handlerMissing(orphan.name, orphan.work?.handler ?? ""))),
    );
  }

  /** Ends an orphan as it was found, unless it is another by now. */
  async #end(orphan: StoredOperation, error: Parameters<typeof statusOfError>[0]): Promise<void> {
    const { store, clock, fill, retentionMs, errorDomain } = this.#options;
    const nowMs = clock.wallMs();
    const result = { case: "error", value: statusOfError(inDomain(errorDomain, error)) } as const;
    const end = filling(fill, nowMs, complete({ result, endTimeMs: nowMs, retentionMs }));
    await store.replace({ ...end(orphan), revision: orphan.revision + 1 });
  }
}

/** Resolves once all have settled. Throws what the first of them was rejected with. */
async function allSettled(promises: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(promises);
  for (const result of results) if (result.status === "rejected") throw result.reason;
}
