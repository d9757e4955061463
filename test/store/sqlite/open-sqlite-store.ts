import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { SqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";

const folders: string[] = [];

/** A folder that is there until the tests of this file are over. */
export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "longrunning-sqlite-"));
  folders.push(folder);
  return folder;
}

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/** An empty store in a file of its own. */
export async function openEmptySqliteStore(): Promise<SqliteStore> {
  return SqliteStore.open(join(await newFolder(), "operations.db"));
}
