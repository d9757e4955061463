import type { Pool } from "pg";
import { systemClock } from "../../time/clock.ts";
import { sleep } from "../../time/sleep.ts";
import { isMissing } from "./postgres-fault.ts";

/** How long somebody tries to learn what became of a transaction, and how often. */
const PATIENCE_MS = 30_000;
const RETRY_MS = 200;

/** A transaction: whose it was, its number among the writer's, and the process of the server that it ran in. */
export interface Transaction {
  readonly writer: string;
  readonly number: number;
  readonly xid: string;
  readonly pid: number;
}

/**
 * Whether a transaction may still be committed. While it waits for a standby it is left alone: ended now, it would be
 * committed here and perhaps not there. A standby cannot say what its primary will send.
 */
const IS_UNDER_WAY = `
  select pg_is_in_recovery() or exists (
    select from pg_stat_activity where pid = $1 and backend_xid = $2::text::xid8::xid
  ) as answer
`;

/** Ends a transaction whose connection is gone, where PostgreSQL does not know that yet. */
const END = `
  select pg_terminate_backend(pid) from pg_stat_activity
  where pid = $1 and backend_xid = $2::text::xid8::xid and wait_event is distinct from 'SyncRep'
`;

/**
 * Whether a transaction whose commit was not answered was committed: asked of the database, on another connection,
 * until it says. It says so by the writer's row, which was changed in the same transaction: the number that PostgreSQL
 * itself gives to a transaction may be another's after a crash, and after a standby was promoted. Throws what the last
 * question was refused with where it does not answer in time; then nobody knows.
 */
export async function wasCommitted(pool: Pool, schema: string, transaction: Transaction): Promise<boolean> {
  const { writer, number, xid, pid } = transaction;
  const endMs = systemClock.monotonicMs() + PATIENCE_MS;
  for (;;) {
    try {
      // Two questions: what the second one sees is everything that was no more under way at the first.
      const [activity] = (await pool.query<{ answer: boolean }>(IS_UNDER_WAY, [pid, xid])).rows;
      if (activity?.answer === false) {
        const { rowCount } = await pool.query(
          `select from ${schema}.writers where writer = $1 and transactions >= $2`,
          [writer, number],
        );
        return rowCount === 1;
      }
      await pool.query(END, [pid, xid]);
      if (systemClock.monotonicMs() >= endMs) throw new Error(`transaction ${xid} does not come to an end`);
    } catch (error) {
      // Another database has come to this address.
      if (isMissing(error)) throw error;
      if (systemClock.monotonicMs() >= endMs) throw error;
    }
    await sleep(systemClock, RETRY_MS);
  }
}
