import { type ClientConfig, escapeIdentifier, type Pool } from "pg";
import { awaitedHandler, type StoredOperation } from "../../operation/stored-operation.ts";
import type { Transition } from "../../operation/transition.ts";
import { systemClock } from "../../time/clock.ts";
import { ChangeHub } from "../change-hub.ts";
import { operationOf, recordOf } from "../operation-record.ts";
import type {
  ClaimQuery,
  Lease,
  ListQuery,
  OperationStore,
  OrphanQuery,
  RangeQuery,
} from "../operation-store.ts";
import { Claims } from "./claims.ts";
import { connectionConfig, type PostgresTls } from "./connection-config.ts";
import { ConnectionPool } from "./connection-pool.ts";
import { Gate } from "./gate.ts";
import { handlerOfHint, hintOfWork } from "./hints.ts";
import { Keys } from "./keys.ts";
import { LeaseKeeper } from "./lease-keeper.ts";
import { migrateSchema } from "./migrate-schema.ts";
import type { Notifier } from "./notifier.ts";
import { refusalOf } from "./postgres-fault.ts";
import { PostgresNotifier } from "./postgres-notifier.ts";
import { unusable } from "./postgres-store-error.ts";
import { ReadQueue } from "./read-queue.ts";
import { Reads } from "./reads.ts";
import { Transactions } from "./transactions.ts";
import { WaiterSweep } from "./waiter-sweep.ts";
import { WriteQueue } from "./write-queue.ts";
import { type Write, Writes } from "./writes.ts";

/** How many questions that callers ask one by one may be under way: more would make writes wait for a connection. */
const MOST_QUESTIONS = 500;

/** How a store behaves. */
export interface PostgresStoreOptions {
  /** The schema that holds the tables. `longrunning` by default. */
  readonly schema?: string | undefined;
  /** How many connections are used at most, beside one that listens and one that renews leases. 10 by default. */
  readonly connections?: number | undefined;
  /** Where the address says nothing of TLS. */
  readonly tls?: PostgresTls | undefined;
  /** How servers tell each other of changes. By LISTEN and NOTIFY by default. */
  readonly notifier?: Notifier | undefined;
}

export { PostgresStoreError } from "./postgres-store-error.ts";

/**
 * Keeps operations in PostgreSQL, for any number of servers. Writes that come together share a transaction; after
 * its commit the other servers get a hint, and whoever waits there looks.
 */
export class PostgresStore implements OperationStore {
  readonly changes = new ChangeHub();
  readonly isShared = true;
  readonly #connections: ConnectionPool;
  readonly #pool: Pool;
  readonly #questions = new Gate(MOST_QUESTIONS);
  readonly #schema: string;
  readonly #reads: Reads;
  readonly #gets: ReadQueue;
  readonly #writes: WriteQueue<Write>;
  readonly #claims: Claims;
  readonly #keys: Keys;
  readonly #leases: LeaseKeeper;
  readonly #notifier: Notifier;
  readonly #sweep: WaiterSweep;

  private constructor(
    connections: ConnectionPool,
    config: () => ClientConfig,
    options: PostgresStoreOptions,
  ) {
    const { pool } = connections;
    const schema = escapeIdentifier(options.schema ?? "longrunning");
    this.#connections = connections;
    this.#pool = pool;
    this.#schema = schema;
    this.#reads = new Reads(pool, schema);
    this.#gets = new ReadQueue((names) => this.#reads.get(names));
    const transactions = new Transactions(pool, schema);
    const writes = new Writes(schema);
    this.#writes = new WriteQueue(transactions, writes);
    this.#claims = new Claims(transactions, this.#reads, writes);
    this.#keys = new Keys(pool, schema);
    this.#leases = new LeaseKeeper(config(), schema);
    this.#notifier = options.notifier ?? new PostgresNotifier(pool, config(), schema);
    this.#sweep = new WaiterSweep(this.changes, (names) => this.#reads.revisions(names), systemClock);
  }

  /**
   * Connects to a database, and makes its tables where they are not there or are of an older version. Throws a
   * PostgresStoreError where it cannot be reached or used, and where its tables are of a newer version.
   */
  static async open(url: string, options: PostgresStoreOptions = {}): Promise<PostgresStore> {
    await migrateSchema(url, options);
    const config = () => connectionConfig(url, options.tls);
    const connections = new ConnectionPool(config(), options.connections ?? 10);
    const store = new PostgresStore(connections, config, options);
    try {
      // Rows of writers that are gone, and after whose transactions nobody asks any more.
      await connections.pool.query(
        `delete from ${store.#schema}.writers where last_time < now() - interval '1 day'`,
      );
      await store.#listen();
      return store;
    } catch (error) {
      await store[Symbol.asyncDispose]();
      throw unusable(url, error);
    }
  }

  async insert(stored: StoredOperation): Promise<boolean> {
    const write = { call: "insert", record: recordOf(stored) } as const;
    return this.#write(write, stored.name, awaitedHandler(stored));
  }

  async get(name: string): Promise<StoredOperation | undefined> {
    // PostgreSQL keeps no text with a NUL, so there is no such operation.
    if (name.includes("\0")) return undefined;
    const record = await refused(this.#gets.get(name));
    this.#sweep.note(name, record?.revision ?? 0);
    return record && operationOf(record);
  }

  async getByRequest(requestId: string): Promise<StoredOperation | undefined> {
    const record = await refused(this.#questions.pass(() => this.#reads.getByRequest(requestId)));
    return record && operationOf(record);
  }

  async replace(next: StoredOperation): Promise<boolean> {
    const write = { call: "replace", record: recordOf(next) } as const;
    return this.#write(write, next.name, awaitedHandler(next));
  }

  async delete(name: string): Promise<boolean> {
    return !name.includes("\0") && this.#write({ call: "delete", name }, name);
  }

  async list(query: ListQuery): Promise<readonly StoredOperation[]> {
    // PostgreSQL keeps no text with a NUL.
    if (`${query.parent}${query.only?.value}`.includes("\0")) return [];
    return (await refused(this.#questions.pass(() => this.#reads.list(query)))).map(operationOf);
  }

  async listInRange(query: RangeQuery): Promise<readonly StoredOperation[] | undefined> {
    const { range } = query;
    const text = range.of === "name" ? range.prefix : range.of === "endTime" ? range.parent : "";
    if (text.includes("\0")) return [];
    return (await refused(this.#questions.pass(() => this.#reads.listInRange(query))))?.map(operationOf);
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
    return refused(this.#claims.claim(query, transition, (names) => this.#announce(names)));
  }

  async keyOf(name: string, made: Uint8Array): Promise<Uint8Array> {
    return refused(this.#keys.keyOf(name, made));
  }

  /** Finishes what it was asked for, and closes its connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sweep.close();
    await this.#writes.close();
    await this.#claims.close();
    await this.#notifier[Symbol.asyncDispose]();
    await this.#leases.close();
    await this.#connections.close();
  }

  #listen(): Promise<void> {
    return this.#notifier.listen({
      names: (hints) => this.#hear(hints),
      gap: () => {
        void this.#sweep.sweep();
        this.changes.announceMissed();
      },
    });
  }

  #write(write: Write, name: string, awaited?: string): Promise<boolean> {
    return refused(
      this.#writes.write(write, (changed) => {
        if (changed) this.#announce(awaited === undefined ? [name] : [name, hintOfWork(awaited)]);
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
  #announce(hints: readonly string[]): void {
    this.#hear(hints);
    void this.#notifier.notify(hints);
  }

  #hear(hints: readonly string[]): void {
    for (const hint of hints) {
      const handler = handlerOfHint(hint);
      if (handler === undefined) this.changes.announce(hint);
      else this.changes.announceWork(handler);
    }
  }
}

async function refused<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw refusalOf(error);
  }
}
