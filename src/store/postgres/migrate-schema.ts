import { Client, escapeIdentifier } from "pg";
import { connectionConfig, type PostgresTls } from "./connection-config.ts";
import { endConnection } from "./end-connection.ts";
import { noteTypes } from "./note-types.ts";
import { unusable } from "./postgres-store-error.ts";
import { migrate } from "./schema.ts";

/** How long one step of a migration may take: an index of many operations is not made in a moment. */
const STEP_TIMEOUT_MS = 30 * 60_000;

/** Which tables are meant, and how they are reached. */
export interface MigrateSchemaOptions {
  /** The schema that holds the tables. `longrunning` by default. */
  readonly schema?: string | undefined;
  /** Where the address says nothing of TLS. */
  readonly tls?: PostgresTls | undefined;
}

/**
 * Makes the tables of a store, or brings them to this version: as opening a store does, but for somebody who may
 * make tables, so that the servers need not. Throws a PostgresStoreError where the database cannot be reached or
 * used, and where its tables are of a newer version.
 */
export async function migrateSchema(url: string, options: MigrateSchemaOptions = {}): Promise<void> {
  try {
    const client = new Client({ ...connectionConfig(url, options.tls), query_timeout: STEP_TIMEOUT_MS });
    // A connection that breaks fails its question too.
    client.on("error", () => {});
    try {
      await client.connect();
      const schema = escapeIdentifier(options.schema ?? "longrunning");
      await migrate(client, schema);
      await noteTypes(client, schema);
    } finally {
      await endConnection(client);
    }
  } catch (error) {
    throw unusable(url, error);
  }
}
