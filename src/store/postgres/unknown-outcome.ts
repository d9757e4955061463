import { setTimeout as sleep } from "node:timers/promises";
import type { Pool } from "pg";

/** How long somebody tries to learn what became of a transaction, and how often. */
const PATIENCE_MS = 30_000;
const RETRY_MS = 200;

/** A transaction, and the process of the server that it ran in. */
export interface Transaction {
  readonly xid: string;
  readonly pid: number;
}

/**
 * Whether a transaction whose commit was not answered was committed: asked of the database, on another connection,
 * until it knows. Throws what the last question was refused with where the database does not answer in time; then
 * nobody knows.
 */
export async function wasCommitted(pool: Pool, { xid, pid }: Transaction): Promise<boolean> {
  for (let waitedMs = 0; ; waitedMs += RETRY_MS) {
    try {
      const { rows } = await pool.query<{ status: string | null }>(
        "select pg_xact_status($1::text::xid8) as status",
        [xid],
      );
      const status = rows[0]?.status;
      if (status === "committed") return true;
      if (status !== "in progress") return false;
      // Its connection is gone, and PostgreSQL does not know yet.
      await pool.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where pid = $1 and backend_xid = $2",
        [pid, xid],
      );
    } catch (error) {
      if (waitedMs >= PATIENCE_MS) throw error;
    }
    await sleep(RETRY_MS);
  }
}
