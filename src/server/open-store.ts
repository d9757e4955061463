import { MemoryStore } from "../store/memory/memory-store.ts";
import type { OperationStore } from "../store/operation-store.ts";
import type { StoreAddress } from "./flag-values.ts";
import type { ServerLog } from "./server-log.ts";

/** The store cannot be used. The message names it and says why, for the person who started the server. */
export class StoreRefused extends Error {
  override readonly name = "StoreRefused";
}

/** Opens the store that the flags name, which tells the log of its faults. Throws a StoreRefused where it cannot be used. */
export async function openStore(address: StoreAddress, log: ServerLog): Promise<OperationStore> {
  switch (address.kind) {
    case "memory":
      return new MemoryStore();
    case "sqlite":
      return openSqlite(address.file, log);
    case "postgres":
      return openPostgres(address.url);
  }
}

async function openSqlite(file: string, log: ServerLog): Promise<OperationStore> {
  const { SqliteStore, SqliteStoreError } = await loadSqlite();
  try {
    return await SqliteStore.open(file, { onFault: ({ message }) => log.error(message) });
  } catch (error) {
    throw error instanceof SqliteStoreError ? new StoreRefused(error.message) : error;
  }
}

/** Only who uses it loads node:sqlite, which says that it is experimental on older Nodes, and which the oldest lack. */
async function loadSqlite() {
  try {
    return await import("../store/sqlite/sqlite-store.ts");
  } catch (error) {
    const isMissing =
      error instanceof Error && "code" in error && error.code === "ERR_UNKNOWN_BUILTIN_MODULE";
    if (!isMissing) throw error;
    throw new StoreRefused(
      `--store sqlite needs Node 22.23, 24.15 or newer, and this is ${process.versions.node}; --store memory needs no other`,
    );
  }
}

async function openPostgres(url: string): Promise<OperationStore> {
  const { PostgresStore, PostgresStoreError } = await loadPostgres();
  try {
    return await PostgresStore.open(url);
  } catch (error) {
    throw error instanceof PostgresStoreError ? new StoreRefused(error.message) : error;
  }
}

/** Only who uses PostgreSQL needs its driver. */
async function loadPostgres() {
  try {
    return await import("../store/postgres/postgres-store.ts");
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
    throw isMissing ? new StoreRefused('--store postgres needs the npm package "pg"; npm install pg') : error;
  }
}
