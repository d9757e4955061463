import type { ClientBase } from "pg";
import { metadataTypeIn } from "../operation-record.ts";

/** How many operations share a transaction. */
const AT_ONCE = 500;

/**
 * Notes the types of operations that servers of a version wrote which knew of none, so that they are listed by them.
 * Those that somebody writes meanwhile are left to whoever starts next.
 */
export async function noteTypes(client: ClientBase, schema: string): Promise<void> {
  while ((await noteSome(client, schema)) > 0);
}

async function noteSome(client: ClientBase, schema: string): Promise<number> {
  await client.query("begin");
  try {
    const { rows } = await client.query<{ name: string; message: Buffer }>(
      `select name, message from ${schema}.operations
       where metadata_type is null limit $1 for update skip locked`,
      [AT_ONCE],
    );
    const types = rows.map(({ message }) => metadataTypeIn(message));
    await client.query(
      `update ${schema}.operations as kept set metadata_type = noted.metadata_type
       from unnest($1::text[], $2::text[]) as noted (name, metadata_type)
       where kept.name = noted.name`,
      [rows.map(({ name }) => name), types],
    );
    await client.query("commit");
    return rows.length;
  } catch (error) {
    await client.query("rollback");
    throw error;
  }
}
