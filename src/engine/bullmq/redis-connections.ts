import type { Clock } from "../../time/clock.ts";
import { endingConnection } from "./ending-connection.ts";
import { connect, type RedisClient, type RedisSource, type RetryStrategy } from "./redis-source.ts";

/** How long Redis may be silent, in milliseconds, before its connection is taken for dead. BullMQ asks every 10 s. */
const SILENCE_MS = 30_000;

/** What connections need of their engine. */
export interface RedisConnectionsOptions {
  readonly source: RedisSource;
  readonly clock: Clock;
  /** How long Redis has to answer whoever waits for it, in milliseconds. */
  readonly answerMs: number;
  /** Is told why a connection fails. */
  readonly onFault: (error: unknown) => void;
  /** Is told that a connection is there, for the first time or again. */
  readonly onReady: () => void;
}

/** The connections to Redis of one engine, all of which end with it. */
export class RedisConnections {
  /** Fails soon where Redis is away: for whoever can come again. */
  readonly impatient: RedisClient;
  /** Waits until Redis is back: for workers, each of which takes a copy too. */
  readonly patient: RedisClient;
  readonly #options: RedisConnectionsOptions;
  readonly #all = new Set<RedisClient>();
  #becomingReady: Promise<void> | undefined;
  #closed = false;

  constructor(options: RedisConnectionsOptions) {
    this.#options = options;
    const { source, answerMs: commandTimeout } = options;
    const socketTimeout = SILENCE_MS;
    const untilClosed = (retry: RetryStrategy) => (times: number) => (this.#closed ? null : retry(times));
    const impatience = { maxRetriesPerRequest: 1, commandTimeout, socketTimeout };
    this.impatient = this.#added(connect(source, impatience, untilClosed));
    const patience = { maxRetriesPerRequest: null, socketTimeout };
    this.patient = this.#withCopies(this.#added(connect(source, patience, untilClosed)));
  }

  /** Resolves once Redis can be asked; rejects where it is away for longer than it has to answer. */
  async ready(): Promise<void> {
    if (this.impatient.status === "ready") return;
    this.#becomingReady ??= this.#readyInTime().finally(() => {
      this.#becomingReady = undefined;
    });
    await this.#becomingReady;
  }

  /** Ends all of them. What waits for Redis fails. */
  close(): void {
    this.#closed = true;
    for (const client of this.#all) if (client.status !== "end") client.disconnect();
  }

  #readyInTime(): Promise<void> {
    const { clock, answerMs } = this.#options;
    return new Promise((resolve, reject) => {
      const onReady = () => {
        callOff();
        resolve();
      };
      const callOff = clock.after(answerMs, () => {
        this.impatient.off("ready", onReady);
        reject(new Error(`Redis is away: there was no connection within ${answerMs} ms`));
      });
      this.impatient.once("ready", onReady);
    });
  }

  #added(client: RedisClient): RedisClient {
    this.#all.add(client);
    client.on("error", this.#options.onFault);
    client.on("ready", this.#options.onReady);
    return endingConnection(client);
  }

  // BullMQ copies the connection for what a worker waits by, and lets go of the copy only while Redis is there.
  // The cast is of the overloads of a Redis and of a cluster, which have no type in common: it goes through as it came.
  #withCopies(client: RedisClient): RedisClient {
    const copy = client.duplicate.bind(client) as (...args: unknown[]) => RedisClient;
    return Object.assign(client, { duplicate: (...args: unknown[]) => this.#added(copy(...args)) });
  }
}
