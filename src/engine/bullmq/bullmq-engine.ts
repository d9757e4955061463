import type { Delivery, Engine, EngineHost } from "../engine.ts";
import { type BullMqEngineOptions, withDefaults } from "./bullmq-options.ts";
import { FaultLog } from "./fault-log.ts";
import { HandlerQueue } from "./handler-queue.ts";
import { HandlerWorker } from "./handler-worker.ts";
import { RedisConnections } from "./redis-connections.ts";

/** How long connections that were told to end may take for that, in milliseconds. ioredis gives up on most after 2 s. */
const ENDING_MS = 5_000;

/**
 * Delivers work by BullMQ, through Redis: a queue for each handler, and a job for each operation, which carries its
 * name and nothing else. What Redis loses, is told to it again from the store.
 */
export class BullMqEngine implements Engine {
  readonly needsTelling = true;
  readonly #options: ReturnType<typeof withDefaults>;
  readonly #faults: FaultLog;
  readonly #connections: RedisConnections;
  readonly #queues = new Map<string, HandlerQueue>();
  readonly #workers: HandlerWorker[] = [];
  #host: EngineHost | undefined;
  #isLooking = false;
  #closing: Promise<void> | undefined;

  /** Connects to Redis, in the background. It need not be there yet. */
  constructor(options: BullMqEngineOptions) {
    this.#options = withDefaults(options);
    const { connection: source, logger, clock, answerMs } = this.#options;
    this.#faults = new FaultLog(logger, clock);
    this.#connections = new RedisConnections({
      ...{ source, clock, answerMs },
      onFault: (error) => this.#faults.redis(error),
      onReady: () => this.#faults.back(),
    });
  }

  open(host: EngineHost): void {
    this.#host = host;
  }

  take(handler: string, concurrency: number): void {
    if (this.#host === undefined) throw new TypeError(`there is no host yet that "${handler}" could run at`);
    const { prefix, workerOptions, registry, progressIntervalMs, clock } = this.#options;
    const connection = this.#connections.patient;
    this.#workers.push(
      new HandlerWorker({
        ...{ handler, host: this.#host, queue: this.#queue(handler), faults: this.#faults },
        ...{ registry, progressIntervalMs, clock },
        // BullMQ takes no Infinity.
        worker: {
          ...workerOptions,
          concurrency: Math.min(concurrency, Number.MAX_SAFE_INTEGER),
          ...{ connection, prefix },
        },
      }),
    );
  }

  async start(deliveries: readonly Delivery[]): Promise<void> {
    await this.#connections.ready();
    const byHandler = Map.groupBy(deliveries, ({ handler }) => handler);
    await Promise.all(Array.from(byHandler, ([handler, own]) => this.#queue(handler).add(own)));
  }

  freed(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    // Not before what has just ended is over for BullMQ too.
    setImmediate(() => {
      this.#isLooking = false;
      for (const worker of this.#workers) worker.goOn();
    });
  }

  async cancel({ name, handler }: Delivery): Promise<void> {
    await this.#connections.ready();
    await this.#queue(handler).addFirst(name);
  }

  async stop(): Promise<void> {
    for (const worker of this.#workers) worker.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.stop();
    await Promise.all(this.#workers.map((worker) => worker.ended()));
    const closed = Promise.all([...this.#workers, ...this.#queues.values()].map((part) => part.close()));
    // Where Redis is away, its jobs are found to have stalled once it is back, and are delivered again.
    await this.#inTime(closed, this.#options.answerMs);
    this.#connections.close();
    // BullMQ waits without a limit. Whoever stops does not: what Redis was not told is delivered again.
    await this.#inTime(closed, ENDING_MS);
  }

  async #inTime(something: Promise<unknown>, limitMs: number): Promise<void> {
    const patience = Promise.withResolvers<void>();
    const callOff = this.#options.clock.after(limitMs, patience.resolve);
    await Promise.race([something, patience.promise]);
    callOff();
  }

  #queue(handler: string): HandlerQueue {
    const known = this.#queues.get(handler);
    if (known !== undefined) return known;
    const { prefix, queueOptions, jobOptions } = this.#options;
    const connection = this.#connections.impatient;
    const options = { ...queueOptions, connection, prefix, defaultJobOptions: jobOptions };
    const queue = new HandlerQueue(handler, options, (error) => this.#faults.redis(error));
    this.#queues.set(handler, queue);
    return queue;
  }
}
