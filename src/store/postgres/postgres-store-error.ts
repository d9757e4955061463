import { nameOfDatabase } from "./connection-config.ts";

/** The database cannot be used. The message names it and says why, for the person who runs the server. */
export class PostgresStoreError extends Error {
  override readonly name = "PostgresStoreError";
}

/** What is wrong with the database at an address. */
export function unusable(url: string, error: unknown): PostgresStoreError {
  const why = error instanceof Error ? error.message || ("code" in error ? error.code : error.name) : error;
  return new PostgresStoreError(`operations database ${nameOfDatabase(url)}: ${why}`, { cause: error });
}
