import type { Delivery, Engine } from "../engine/engine.ts";
import type { Logger } from "../operation/logger.ts";
import { filling, type MetadataFiller } from "../operation/standard-metadata.ts";
import type { StoredOperation } from "../operation/stored-operation.ts";
import { abandon } from "../operation/transition.ts";
import type { OperationStore } from "../store/operation-store.ts";
import type { Clock } from "../time/clock.ts";
import { Recurring } from "../time/recurring.ts";

/** How long an engine that was told of work has until it is told again, at the least and at the most. */
const LEAST_MS = 10_000;
const MOST_MS = 600_000;

/** How many operations an engine is told of in one go. */
const BATCH = 100;

/** What the outbox needs of its manager. */
export interface OutboxOptions {
  readonly engine: Engine;
  readonly store: OperationStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly fill: MetadataFiller;
  readonly intervalMs: number;
}

/**
 * Tells an engine of work that waits: when it is kept, and again and again, ever more seldom, until somebody has
 * begun it. The outbox is the operations themselves: work that waits for its engine has a delay, and when that is over
 * it is nobody's, as all that nobody told the engine of.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #handlers = new Set<string>();
  readonly #recurring: Recurring | undefined;
  #gathered: Delivery[] = [];
  #telling: Promise<void> = Promise.resolve();

  constructor(options: OutboxOptions) {
    this.#options = options;
    const { engine, clock, intervalMs } = options;
    if (!engine.needsTelling) return;
    this.#recurring = new Recurring(
      clock,
      () => intervalMs,
      () => this.#sweep(),
    );
  }

  /** How long new work waits for its engine, in milliseconds; undefined where the engine finds it by itself. */
  get handOverMs(): number | undefined {
    return this.#options.engine.needsTelling ? LEAST_MS : undefined;
  }

  /** Tells of work of this handler that nobody has begun, from now on. */
  watch(handler: string): void {
    this.#handlers.add(handler);
  }

  /** Tells the engine of work that is kept, soon, and at most as well as it can. */
  tell({ name, work }: StoredOperation, delayMs: number): void {
    if (work === undefined) return;
    this.watch(work.handler);
    this.#gathered.push({ name, handler: work.handler, delayMs });
    // What is started in one go, goes together.
    if (this.#gathered.length === 1) this.#telling = this.#telling.then(() => this.#tellGathered());
  }

  /** Tells no more. Resolves once the engine has what it was being told. */
  async close(): Promise<void> {
    await this.#recurring?.close();
    await this.#telling;
  }

  async #tellGathered(): Promise<void> {
    const deliveries = this.#gathered;
    this.#gathered = [];
    try {
      await this.#options.engine.start(deliveries);
    } catch (error) {
      this.#options.logger.error("the engine could not be told of new work, and will be told again", error);
    }
  }

  async #sweep(): Promise<void> {
    const { engine, store, logger } = this.#options;
    try {
      for (const handler of this.#handlers) {
        for (let found = BATCH; found === BATCH && !this.#recurring?.isClosed; ) {
          const waiting = await store.orphans({ handlers: [handler], limit: BATCH });
          if (waiting.length > 0) {
            await engine.start(waiting.map(({ name }) => ({ name, handler, delayMs: 0 })));
          }
          // Only now: what the engine does not have is found again.
          await Promise.all(waiting.map((stored) => this.#noteTold(stored)));
          found = waiting.length;
        }
      }
    } catch (error) {
      logger.error("the engine could not be told of work that waits", error);
    }
  }

  /** The longer an operation has waited, the longer it may wait until its engine is told again. */
  async #noteTold(stored: StoredOperation): Promise<void> {
    const { store, clock, fill } = this.#options;
    const nowMs = clock.wallMs();
    const delayMs = Math.min(Math.max(nowMs - stored.createTimeMs, LEAST_MS), MOST_MS);
    const left = filling(fill, nowMs, (told) => ({ ...abandon(told), delayMs }))(stored);
    // Where somebody has begun it meanwhile, this changes nothing.
    await store.replace({ ...left, revision: stored.revision + 1 });
  }
}
