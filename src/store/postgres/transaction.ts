import type { Pool, PoolClient } from "pg";
import { wasCommitted } from "./unknown-outcome.ts";

/**
 * Does something in one transaction on a connection of its own. A commit whose answer is lost is asked after: the
 * answer comes if it was made, and otherwise what the connection failed with is thrown.
 */
export async function inTransaction<T>(pool: Pool, act: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    const answer = await actAndCommit(pool, client, act);
    client.release();
    return answer;
  } catch (error) {
    // Whatever state the connection is in, nobody else gets it.
    client.release(true);
    throw error;
  }
}

async function actAndCommit<T>(
  pool: Pool,
  client: PoolClient,
  act: (client: PoolClient) => Promise<T>,
): Promise<T> {
  await client.query("begin");
  const { rows } = await client.query<{ xid: string; pid: number }>(
    "select pg_current_xact_id()::text as xid, pg_backend_pid() as pid",
  );
  const answer = await act(client);
  try {
    await client.query("commit");
  } catch (error) {
    // The answer is lost, and may have been that it is done: whoever guessed would do it twice, or not at all.
    const [transaction] = rows;
    if (transaction === undefined || !(await wasCommitted(pool, transaction))) throw error;
  }
  return answer;
}
