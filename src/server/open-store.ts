import { MemoryStore } from "../store/memory/memory-store.ts";
import type { OperationStore } from "../store/operation-store.ts";
import type { StoreAddress } from "./config.ts";

/** The store cannot be used. The message names it and says why, for the person who started the server. */
export class StoreRefused extends Error {
  override readonly name = "StoreRefused";
}

/** Opens the store that the flags name. Throws a StoreRefused where it cannot be used. */
export async function openStore(address: StoreAddress): Promise<OperationStore> {
  if (address.kind === "memory") return new MemoryStore();
  // Only who uses it loads node:sqlite, which says that it is experimental on older Nodes.
  const { SqliteStore, SqliteStoreError } = await import("../store/sqlite/sqlite-store.ts");
  try {
    return await SqliteStore.open(address.file);
  } catch (error) {
    throw error instanceof SqliteStoreError ? new StoreRefused(error.message) : error;
  }
}
