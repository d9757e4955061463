import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { isNewEnough } from "../../../src/store/sqlite/database.ts";
import { SqliteStore, SqliteStoreError } from "../../../src/store/sqlite/sqlite-store.ts";
import { keep, running } from "../../../src/testing/store-contract/sample-operations.ts";
import { newFolder } from "./open-sqlite-store.ts";

async function newFile(): Promise<string> {
  return join(await newFolder(), "operations.db");
}

/** What opening a file is refused with. */
async function refusal(file: string): Promise<SqliteStoreError> {
  const opened = await SqliteStore.open(file).catch((error: unknown) => error);
  if (opened instanceof SqliteStoreError) return opened;
  if (opened instanceof SqliteStore) await opened[Symbol.asyncDispose]();
  throw new Error(`the file was not refused, but ${opened}`);
}

describe("opening a file", () => {
  it("makes the folder that it lies in", async () => {
    const file = join(await newFolder(), "a", "b", "operations.db");
    await using store = await SqliteStore.open(file);
    expect(store.file).toBe(file);
  });

  it("refuses one that this process has open, and names PostgreSQL", async () => {
    const file = await newFile();
    await using _store = await SqliteStore.open(file);
    const { message } = await refusal(file);
    expect(message).toMatch(/^operations database ".+operations\.db": it is in use already, .+ PostgreSQL$/);
  });

  it("refuses one that it has open by another path", async () => {
    const file = await newFile();
    await using _store = await SqliteStore.open(file);
    const link = join(await newFolder(), "link.db");
    await symlink(file, link);
    expect((await refusal(link)).message).toContain("is in use");
  });

  it("takes one that was closed", async () => {
    const file = await newFile();
    await (await SqliteStore.open(file))[Symbol.asyncDispose]();
    await using store = await SqliteStore.open(file);
    await keep(store, running("a"));
  });

  it("takes one after it was refused", async () => {
    const file = await newFile();
    {
      await using _store = await SqliteStore.open(file);
      await refusal(file);
    }
    await using store = await SqliteStore.open(file);
    await keep(store, running("a"));
  });

  it.each<[what: string, make: (file: string) => unknown, says: string]>([
    [
      "that is no database",
      (file) => writeFile(file, "no database".repeat(1_000)),
      "it is not an SQLite database",
    ],
    ["that is a folder", (file) => mkdir(file), "it cannot be opened"],
  ])("refuses one %s", async (_what, make, says) => {
    const file = await newFile();
    await make(file);
    expect((await refusal(file)).message).toContain(`"${file}": ${says}`);
  });

  it("refuses one below a file", async () => {
    const file = await newFile();
    await writeFile(file, "");
    expect((await refusal(join(file, "x", "operations.db"))).message).toContain("ENOTDIR");
  });

  it("refuses a database of another program, and leaves it as it is", async () => {
    const file = await newFile();
    const db = new DatabaseSync(file);
    db.exec("create table users (name text)");
    db.close();
    const before = await readFile(file);
    expect((await refusal(file)).message).toContain("it is a database of another program");
    expect(await readFile(file)).toEqual(before);
  });

  it("refuses a file of a newer version", async () => {
    const file = await newFile();
    await (await SqliteStore.open(file))[Symbol.asyncDispose]();
    const db = new DatabaseSync(file);
    db.exec("pragma user_version = 99");
    db.close();
    expect((await refusal(file)).message).toContain(
      "was written by a newer version of longrunning (schema 99",
    );
  });

  it("leaves one file, and its lock, when it is closed", async () => {
    const file = await newFile();
    const store = await SqliteStore.open(file);
    await keep(store, running("a"));
    await store[Symbol.asyncDispose]();
    expect((await readdir(join(file, ".."))).toSorted()).toEqual(["operations.db", "operations.db.lock"]);
  });
});

describe("the version of SQLite", () => {
  it.each([
    ["3.51.3", true],
    ["3.51.10", true],
    ["3.52.0", true],
    ["4.0.0", true],
    ["3.51.2", false],
    ["3.50.9", false],
    ["2.99.99", false],
  ])("%s: new enough is %s", (version, expected) => {
    expect(isNewEnough(version)).toBe(expected);
  });
});

describe("a closed store", () => {
  it("refuses what it is asked", async () => {
    const store = await SqliteStore.open(await newFile());
    await store[Symbol.asyncDispose]();
    await expect(store.get("operations/a")).rejects.toThrow("the store of operations is not available");
  });

  it("has done what it was asked before", async () => {
    const file = await newFile();
    const store = await SqliteStore.open(file);
    const inserting = store.insert(running("a"));
    await store[Symbol.asyncDispose]();
    expect(await inserting).toBe(true);
  });

  it("may be closed twice", async () => {
    const store = await SqliteStore.open(await newFile());
    await store[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  });
});
