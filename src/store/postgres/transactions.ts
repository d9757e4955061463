import { randomUUID } from "node:crypto";
import type { Pool, PoolClient, QueryResult } from "pg";
import { isOfStatement } from "./postgres-fault.ts";
import { type Transaction, wasCommitted } from "./unknown-outcome.ts";

/** Who makes one transaction after another. Its row tells which of them were committed. */
interface Writer {
  readonly id: string;
  transactions: number;
}

/** The transactions of one server, each on a connection of its own while it lasts. */
export class Transactions {
  readonly #pool: Pool;
  readonly #schema: string;
  readonly #idle: Writer[] = [];

  constructor(pool: Pool, schema: string) {
    this.#pool = pool;
    this.#schema = schema;
  }

  /**
   * Does something in one transaction. A commit whose answer is lost is asked after: the answer comes if it was made,
   * and otherwise what the connection failed with is thrown.
   */
  async make<T>(act: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    const writer = this.#idle.pop() ?? { id: randomUUID(), transactions: 0 };
    writer.transactions++;
    let transaction: Transaction;
    let answer: T;
    try {
      transaction = await this.#begin(client, writer);
      answer = await act(client);
    } catch (error) {
      // Whatever state the connection is in, nobody else gets it.
      client.release(true);
      // One that hangs may still hold the writer's row.
      if (isOfStatement(error)) this.#idle.push(writer);
      throw error;
    }
    try {
      await client.query("commit");
    } catch (error) {
      // Its place in the pool is free for the question. The writer is used no more: its row stays as it is.
      client.release(true);
      // The answer is lost, and may have been that it is done: whoever guessed would do it twice, or not at all.
      if (await wasCommitted(this.#pool, this.#schema, transaction)) return answer;
      throw error;
    }
    client.release();
    this.#idle.push(writer);
    return answer;
  }

  /**
   * How long it waits for a row that another has locked, and how long it may stand still itself, is bounded: the rows
   * of a server that hangs, or whose machine is gone, are free for the others then.
   */
  async #begin(client: PoolClient, { id, transactions }: Writer): Promise<Transaction> {
    const begin = `
      begin;
      set local lock_timeout = '5s';
      set local idle_in_transaction_session_timeout = '10s';
      insert into ${this.#schema}.writers values ('${id}', ${transactions}, now())
      on conflict (writer) do update
      set transactions = excluded.transactions, last_time = excluded.last_time
      returning pg_current_xact_id()::text as xid, pg_backend_pid() as pid
    `;
    // Of several statements in one question pg answers as many results; its types know of one.
    const results = (await client.query(begin)) as unknown as readonly QueryResult<
      Pick<Transaction, "xid" | "pid">
    >[];
    const begun = results.at(-1)?.rows[0];
    if (begun === undefined) throw new Error("PostgreSQL gave the transaction no number");
    return { ...begun, writer: id, number: transactions };
  }
}
