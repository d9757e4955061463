import { createHash, randomUUID } from "node:crypto";
import { Client, type ClientConfig, type Pool } from "pg";
import { type Clock, systemClock } from "../../time/clock.ts";
import { endConnection } from "./end-connection.ts";
import { MOST_NAMES, payloadsOf, readPayload } from "./hints.ts";
import type { Heard, Notifier } from "./notifier.ts";

/** How often the listening connection is asked whether it is still there. */
const HEARTBEAT_MS = 5_000;

/** How long it may take to answer. */
const HEARTBEAT_TIMEOUT_MS = 5_000;

/** How long a lost connection waits before it is made anew: doubled each time, with jitter. */
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 5_000;

/**
 * Tells other servers by LISTEN and NOTIFY. A NOTIFY takes a lock of the whole database when it commits, so there
 * is one under way at a time, outside the transactions that change operations, and what changes meanwhile goes
 * with the next.
 */
export class PostgresNotifier implements Notifier {
  readonly #pool: Pool;
  readonly #config: ClientConfig;
  readonly #channel: string;
  readonly #sender = randomUUID();
  readonly #clock: Clock;
  #pending = new Set<string>();
  #telling: Promise<void> | undefined;
  #client: Client | undefined;
  #callOff = () => {};
  #retryMs = FIRST_RETRY_MS;
  #closed = false;

  constructor(pool: Pool, config: ClientConfig, schema: string, clock: Clock = systemClock) {
    this.#pool = pool;
    this.#config = config;
    this.#clock = clock;
    const hash = createHash("sha256").update(schema).digest("hex").slice(0, 32);
    this.#channel = `longrunning_${hash}`;
  }

  notify(names: readonly string[]): Promise<void> {
    // Where the database hangs, they do not pile up: so many are as good as all.
    for (const name of names) if (this.#pending.size <= MOST_NAMES) this.#pending.add(name);
    this.#telling ??= this.#tell().finally(() => {
      this.#telling = undefined;
    });
    return this.#telling;
  }

  async listen(heard: Heard): Promise<void> {
    if (this.#closed) return;
    const client = new Client(this.#config);
    // A connection is lost once, however often it says so.
    let lost = false;
    const lose = () => {
      if (lost) return;
      lost = true;
      void endConnection(client);
      this.#listenLater(heard);
    };
    client.on("error", lose);
    client.on("end", lose);
    client.on("notification", ({ payload = "" }) => {
      const { sender, names } = readPayload(payload);
      if (sender === this.#sender) return;
      if (names === undefined) heard.gap();
      else heard.names(names);
    });
    try {
      await client.connect();
      await client.query(`listen ${this.#channel}`);
    } catch {
      lose();
      return;
    }
    this.#client = client;
    this.#retryMs = FIRST_RETRY_MS;
    // What was told before this connection listened, was told to nobody.
    heard.gap();
    this.#beat(client, lose);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#callOff();
    await this.#telling;
    if (this.#client !== undefined) await endConnection(this.#client);
  }

  async #tell(): Promise<void> {
    // What is told in one go, goes together.
    await Promise.resolve();
    while (this.#pending.size > 0) {
      const payloads = payloadsOf(this.#sender, this.#pending);
      this.#pending = new Set();
      try {
        await this.#pool.query({
          name: "notify",
          text: "select pg_notify($1, payload) from unnest($2::text[]) as payload",
          values: [this.#channel, payloads],
        });
      } catch {
        // The others find out by themselves.
      }
    }
  }

  #beat(client: Client, lose: () => void): void {
    this.#callOff = this.#clock.after(
      HEARTBEAT_MS,
      () => {
        const giveUp = this.#clock.after(HEARTBEAT_TIMEOUT_MS, lose, true);
        client.query("select").then(
          () => {
            giveUp();
            if (!this.#closed) this.#beat(client, lose);
          },
          () => {
            giveUp();
            lose();
          },
        );
      },
      true,
    );
  }

  #listenLater(heard: Heard): void {
    this.#callOff();
    if (this.#closed) return;
    const delayMs = this.#retryMs * (0.5 + Math.random());
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
    this.#callOff = this.#clock.after(delayMs, () => void this.listen(heard), true);
  }
}
