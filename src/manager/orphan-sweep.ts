import { abortedWithServer, attemptsExhausted, handlerMissing } from "../operation/errors.ts";
import type { MetadataFiller } from "../operation/standard-metadata.ts";
import { filling } from "../operation/standard-metadata.ts";
import { statusOfError } from "../operation/status.ts";
import type { StoredOperation } from "../operation/stored-operation.ts";
import { complete, type Transition, takeOver } from "../operation/transition.ts";
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
  readonly #openedAtMs: number;
  #callOff: () => void = () => {};
  #sweeping: Promise<void> | undefined;
  #again = false;
  #closed = false;

  constructor(options: OrphanSweepOptions) {
    this.#options = options;
    this.#openedAtMs = options.clock.monotonicMs();
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
    const { store, handlers, clock, logger, hold } = this.#options;
    const anyHandler = clock.monotonicMs() - this.#openedAtMs >= HANDLER_MISSING_MS;
    try {
      await hold();
      for (let settled = BATCH; settled === BATCH && !this.#closed; ) {
        const orphans = await store.orphans({ handlers: handlers.names, anyHandler, limit: BATCH });
        // Whoever else settles one of them at the same time, is as good.
        settled = (await Promise.all(orphans.map((orphan) => this.#settle(orphan)))).length;
      }
    } catch (error) {
      logger.error("operations whose server went away could not be settled", error);
    }
  }

  async #settle(orphan: StoredOperation): Promise<void> {
    const { owner, handlers, clock, resume } = this.#options;
    const { name, work, attempt } = orphan;
    const handler = work && handlers.get(work.handler);
    if (work === undefined) return void (await this.#end(orphan, abortedWithServer(name)));
    if (handler === undefined) return void (await this.#end(orphan, handlerMissing(name, work.handler)));
    if (attempt >= handler.type.onServerLoss.maxAttempts) {
      return void (await this.#end(orphan, attemptsExhausted(name, attempt)));
    }
    const taken = await this.#swap(orphan, takeOver(owner, clock.wallMs()));
    if (taken !== undefined) resume(taken, handler);
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
