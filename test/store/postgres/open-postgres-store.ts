import { randomUUID } from "node:crypto";
import { afterAll, beforeAll } from "vitest";
import { PostgresStore, type PostgresStoreOptions } from "../../../src/store/postgres/postgres-store.ts";
import { type EmptyDatabase, openEmptyDatabase } from "../../postgres/postgres-server.ts";

/** A PostgreSQL for the tests of a file. Call it at the top of the file. */
export function usePostgres() {
  let server: EmptyDatabase;
  beforeAll(async () => {
    server = await openEmptyDatabase();
  }, 60_000);
  afterAll(() => server[Symbol.asyncDispose]());
  return {
    /** Where it is: not before the tests run. */
    get url() {
      return server.url;
    },
    /** A store, empty unless the schema is one that another store has. */
    open: (options: PostgresStoreOptions = {}) =>
      PostgresStore.open(server.url, { schema: randomUUID(), ...options }),
  };
}
