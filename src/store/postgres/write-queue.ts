import type { ClientBase } from "pg";
import { systemClock } from "../../time/clock.ts";
import { sleep } from "../../time/sleep.ts";
import { isOfStatement, PATIENCE_MS, TooManyWaiting } from "./postgres-fault.ts";
import type { Transactions } from "./transactions.ts";

/** How many writes share a transaction at most. */
const MOST_AT_ONCE = 500;

/**
 * How long after a transaction the next one begins at the soonest, in milliseconds, where several write at the same
 * time and are few: what costs PostgreSQL is the transaction. Who writes alone, one after another, waits for nothing.
 */
const GATHER_MS = 4;
const FEW = 50;

/** How many writes may wait for the database. */
const MOST_WAITING = 100_000;

/** Makes writes of one kind. */
export interface Writing<Write> {
  /** The name of the operation that a write is about. */
  nameOf(write: Write): string;
  /** Makes writes, of which no two are of the same operation. Answers the names of those that changed something. */
  make(client: ClientBase, writes: readonly Write[]): Promise<ReadonlySet<string>>;
}

interface Waiting<Write> {
  readonly write: Write;
  readonly sinceMs: number;
  /** Is told whether the write has changed something, before whoever asked goes on. */
  readonly settle: (changed: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The writes of one server, on their way to the database. While it works on some of them, those that come
 * meanwhile are gathered, and go to it together: they share a transaction, and its commit.
 */
export class WriteQueue<Write> {
  readonly #transactions: Transactions;
  readonly #writing: Writing<Write>;
  #waiting: Waiting<Write>[] = [];
  #working: Promise<void> | undefined;
  /** When those who write at the same time have their next transaction; by the monotonic clock. */
  #nextMs = 0;

  constructor(transactions: Transactions, writing: Writing<Write>) {
    this.#transactions = transactions;
    this.#writing = writing;
  }

  /** Makes a write. `settle` is called with whether it changed something, at the moment that this is known. */
  write(write: Write, settle: (changed: boolean) => void): Promise<boolean> {
    if (this.#waiting.length >= MOST_WAITING) {
      return Promise.reject(new TooManyWaiting(`${MOST_WAITING} writes wait for the database`));
    }
    return new Promise<boolean>((resolve, reject) => {
      this.#waiting.push({
        write,
        reject,
        sinceMs: systemClock.monotonicMs(),
        settle: (changed) => {
          settle(changed);
          resolve(changed);
        },
      });
      // What is written in one go, goes together.
      this.#working ??= Promise.resolve().then(() => this.#work());
    });
  }

  /** Resolves once all is written that was asked for. */
  async close(): Promise<void> {
    while (this.#working !== undefined) await this.#working;
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#gather();
      const batch = this.#nextBatch();
      try {
        await this.#writeAll(batch);
      } catch (error) {
        for (const { reject } of [...batch, ...this.#overdue()]) reject(error);
      }
      const areSeveral = batch.length > 1 || this.#waiting.length > 0;
      this.#nextMs = areSeveral ? systemClock.monotonicMs() + GATHER_MS : 0;
    }
    this.#working = undefined;
  }

  async #gather(): Promise<void> {
    const pauseMs = this.#nextMs - systemClock.monotonicMs();
    if (pauseMs > 0 && this.#waiting.length < FEW) await sleep(systemClock, pauseMs);
  }

  /** Those that have waited for long: a database that is away need not tell them so one after another. */
  #overdue(): Waiting<Write>[] {
    const sinceMs = systemClock.monotonicMs() - PATIENCE_MS;
    const overdue = this.#waiting.filter((waiting) => waiting.sinceMs <= sinceMs);
    this.#waiting = this.#waiting.filter((waiting) => waiting.sinceMs > sinceMs);
    return overdue;
  }

  /** Those that came first, but of each operation one alone, in the order in which every server locks rows. */
  #nextBatch(): Waiting<Write>[] {
    const batch = new Map<string, Waiting<Write>>();
    const later: Waiting<Write>[] = [];
    for (const waiting of this.#waiting) {
      const name = this.#writing.nameOf(waiting.write);
      if (batch.size < MOST_AT_ONCE && !batch.has(name)) batch.set(name, waiting);
      else later.push(waiting);
    }
    this.#waiting = later;
    return Array.from(batch.keys())
      .toSorted()
      .flatMap((name) => batch.get(name) ?? []);
  }

  async #writeAll(batch: readonly Waiting<Write>[]): Promise<void> {
    const writes = batch.map(({ write }) => write);
    let changed: ReadonlySet<string>;
    try {
      changed = await this.#transactions.make((client) => this.#writing.make(client, writes));
    } catch (error) {
      // One that cannot be written keeps the others from being: they are tried one by one.
      if (batch.length === 1 || !isOfStatement(error)) throw error;
      for (const waiting of batch) await this.#writeAll([waiting]).catch(waiting.reject);
      return;
    }
    for (const { write, settle } of batch) settle(changed.has(this.#writing.nameOf(write)));
  }
}
