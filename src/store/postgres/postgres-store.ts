import { Pool, type PoolConfig } from "pg";
import type { StoredOperation } from "../../operation/stored-operation.ts";
import type { Transition } from "../../operation/transition.ts";
import { systemClock } from "../../time/clock.ts";
import { ChangeHub } from "../change-hub.ts";
import { operationOf, recordOf } from "../operation-record.ts";
import type { ClaimQuery, Lease, ListQuery, OperationStore, OrphanQuery } from "../operation-store.ts";
import { Claims } from "./claims.ts";
import { LeaseKeeper } from "./lease-keeper.ts";
import type { Notifier } from "./notifier.ts";
import { refusalOf } from "./postgres-fault.ts";
import { PostgresNotifier } from "./postgres-notifier.ts";
import { ReadQueue } from "./read-queue.ts";
import { Reads } from "./reads.ts";
import { migrate } from "./schema.ts";
import { WaiterSweep } from "./waiter-sweep.ts";
import { WriteQueue } from "./write-queue.ts";
import type { Write } from "./writes.ts";

/** How long making a connection, and a question on it, may take. */
const CONNECT_TIMEOUT_MS = 5_000;
const QUERY_TIMEOUT_MS = 15_000;

/** How a store behaves. */
export interface PostgresStoreOptions {
  /** The schema that holds the tables. `longrunning` by default. */
  readonly schema?: string | undefined;
  /** How many connections are used at most, beside one that listens and one that renews leases. 10 by default. */
  readonly connections?: number | undefined;
  /** How servers tell each other of changes. By LISTEN and NOTIFY by default. */
  readonly notifier?: Notifier | undefined;
}

/** The database cannot be used. The message names it and says why, for the person who runs the server. */
export class PostgresStoreError extends Error {
  override readonly name = "PostgresStoreError";
}

/**
 * Keeps operations in PostgreSQL, for any number of servers. Writes that come together share a transaction; after
 * its commit the other servers get a hint, and whoever waits there looks.
 */
export class PostgresStore implements OperationStore {
  readonly changes = new ChangeHub();
  readonly isShared = true;
  readonly #pool: Pool;
  readonly #schema: string;
  readonly #reads: Reads;
  readonly #gets: ReadQueue;
  readonly #writes: WriteQueue;
  readonly #claims: Claims;
  readonly #leases: LeaseKeeper;
  readonly #notifier: Notifier;
  readonly #sweep: WaiterSweep;

  private constructor(pool: Pool, config: PoolConfig, schema: string, notifier: Notifier | undefined) {
    this.#pool = pool;
    this.#schema = schema;
    this.#reads = new Reads(pool, schema);
    this.#gets = new ReadQueue((names) => this.#reads.get(names));
    this.#writes = new WriteQueue(pool, schema);
    this.#claims = new Claims(pool, schema, this.#reads);
    this.#leases = new LeaseKeeper(config, schema);
    this.#notifier = notifier ?? new PostgresNotifier(pool, config, schema);
    this.#sweep = new WaiterSweep(this.changes, (names) => this.#reads.revisions(names), systemClock);
  }

  /**
   * Connects to a database, and makes its tables where they are not there or are of an older version. Throws a
   * PostgresStoreError where it cannot be reached or used, and where its tables are of a newer version.
   */
  static async open(url: string, options: PostgresStoreOptions = {}): Promise<PostgresStore> {
    const schema = quotedIdentifier(options.schema ?? "longrunning");
    const config: PoolConfig = {
      connectionString: url,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: QUERY_TIMEOUT_MS,
      keepAlive: true,
      application_name: "longrunning",
    };
    const pool = new Pool({ ...config, max: options.connections ?? 10 });
    // A connection that breaks is replaced when the next one is needed; whoever used it is told by its question.
    pool.on("error", () => {});
    pool.on("connect", (client) => client.on("error", () => {}));
    try {
      const client = await pool.connect();
      await migrate(client, schema).finally(() => client.release());
      const store = new PostgresStore(pool, config, schema, options.notifier);
      await store.#listen();
      return store;
    } catch (error) {
      await pool.end();
      const why =
        error instanceof Error ? error.message || ("code" in error ? error.code : error.name) : error;
      throw new PostgresStoreError(`operations database ${nameOf(url)}: ${why}`, { cause: error });
    }
  }

  async insert(stored: StoredOperation): Promise<boolean> {
    return this.#write({ call: "insert", record: recordOf(stored) }, stored.name);
  }

  async get(name: string): Promise<StoredOperation | undefined> {
    // PostgreSQL keeps no text with a NUL, so there is no such operation.
    if (name.includes("\0")) return undefined;
    const record = await refused(this.#gets.get(name));
    this.#sweep.note(name, record?.revision ?? 0);
    return record && operationOf(record);
  }

  async getByRequest(requestId: string): Promise<StoredOperation | undefined> {
    const record = await refused(this.#reads.getByRequest(requestId));
    return record && operationOf(record);
  }

  async replace(next: StoredOperation): Promise<boolean> {
    return this.#write({ call: "replace", record: recordOf(next) }, next.name);
  }

  async delete(name: string): Promise<boolean> {
    return !name.includes("\0") && this.#write({ call: "delete", name }, name);
  }

  async list(query: ListQuery): Promise<readonly StoredOperation[]> {
    if (query.parent.includes("\0")) return [];
    return (await refused(this.#reads.list(query))).map(operationOf);
  }

  deleteExpired(nowMs: number, limit: number): Promise<number> {
    return this.#forget(
      `select name from ${this.#schema}.operations
       where expire_time <= $1 order by expire_time limit $2 for update skip locked`,
      [nowMs, limit],
    );
  }

  deleteSurplus(mostPerParent: number, limit: number): Promise<number> {
    return this.#forget(
      `select first.name
       from (
         select parent, count(*) - $1 as surplus from ${this.#schema}.operations
         where end_time is not null group by parent having count(*) > $1
       ) as crowded, lateral (
         select name from ${this.#schema}.operations
         where parent = crowded.parent and end_time is not null
         order by end_time, name limit crowded.surplus
       ) as first
       limit $2`,
      [mostPerParent, limit],
    );
  }

  hold(owner: string, leaseMs: number): Promise<Lease> {
    return this.#leases.hold(owner, leaseMs);
  }

  async orphans(query: OrphanQuery): Promise<readonly StoredOperation[]> {
    if (query.name?.includes("\0")) return [];
    return (await refused(this.#reads.orphans(query))).map(operationOf);
  }

  async claim(query: ClaimQuery, transition: Transition): Promise<readonly StoredOperation[]> {
    if (query.name?.includes("\0")) return [];
    const claimed = await refused(this.#claims.claim(query, transition));
    this.#announce(claimed.map(({ name }) => name));
    return claimed;
  }

  /** Finishes what it was asked for, and closes its connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sweep.close();
    await this.#writes.close();
    await this.#notifier[Symbol.asyncDispose]();
    await this.#leases.close();
    if (!this.#pool.ended) await this.#pool.end();
  }

  #listen(): Promise<void> {
    return this.#notifier.listen({
      names: (names) => {
        for (const name of names) this.changes.announce(name);
      },
      gap: () => void this.#sweep.sweep(),
    });
  }

  #write(write: Write, name: string): Promise<boolean> {
    return refused(
      this.#writes.write(write, (changed) => {
        if (changed) this.#announce([name]);
      }),
    );
  }

  async #forget(names: string, values: readonly number[]): Promise<number> {
    const text = `delete from ${this.#schema}.operations where name = any(array(${names})) returning name`;
    const { rows } = await refused(this.#pool.query<{ name: string }>(text, [...values]));
    this.#announce(rows.map(({ name }) => name));
    return rows.length;
  }

  /** Tells who waits here, and then the other servers. */
  #announce(names: readonly string[]): void {
    for (const name of names) this.changes.announce(name);
    void this.#notifier.notify(names);
  }
}

async function refused<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw refusalOf(error);
  }
}

function quotedIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A database as a message shows it: without the password. */
function nameOf(url: string): string {
  if (!URL.canParse(url)) return "with an address that cannot be read";
  const { host, pathname } = new URL(url);
  return `"${host}${pathname}"`;
}
