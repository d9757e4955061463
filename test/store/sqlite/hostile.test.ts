import { link, open, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { SqliteStore, SqliteStoreError } from "../../../src/store/sqlite/sqlite-store.ts";
import { keep, running } from "../../../src/testing/store-contract/sample-operations.ts";
import { newFolder } from "./open-sqlite-store.ts";

async function newFile(): Promise<string> {
  return join(await newFolder(), "operations.db");
}

/** Opens a store that tells this test what goes wrong. */
async function openTelling(file: string) {
  const told: string[] = [];
  const store = await SqliteStore.open(file, { onFault: ({ message }) => told.push(message) });
  return { store, told };
}

/** Keeps operations in a file, and damages the message of one of them. */
async function newDamagedFile(damaged: string): Promise<string> {
  const file = await newFile();
  {
    await using store = await SqliteStore.open(file);
    await keep(store, running("a", { owner: "o1" }), running("b", { owner: "o1" }));
  }
  const db = new DatabaseSync(file);
  db.prepare("update operations set message = x'ffff' where name = ?").run(damaged);
  db.close();
  return file;
}

const refusal = (file: string) => SqliteStore.open(file).catch((error: unknown) => error);

describe("an operation that cannot be read", () => {
  it("is refused, and told of by its name, and keeps no other from being read", async () => {
    const { store, told } = await openTelling(await newDamagedFile("operations/a"));
    const [a, b] = await Promise.allSettled([store.get("operations/a"), store.get("operations/b")]);
    await store[Symbol.asyncDispose]();
    expect([a?.status, b?.status, told.length]).toEqual(["rejected", "fulfilled", 1]);
    expect(told[0]).toContain('operation "operations/a" cannot be read');
  });

  it("is left out of a list", async () => {
    const { store } = await openTelling(await newDamagedFile("operations/a"));
    const listed = await store.list({ parent: "", limit: 10 });
    await store[Symbol.asyncDispose]();
    expect(listed.map(({ name }) => name)).toEqual(["operations/b"]);
  });

  it("leaves a list as long as it was asked to be", async () => {
    const file = await newDamagedFile("operations/a");
    const { store } = await openTelling(file);
    const listed = await store.list({ parent: "", limit: 1 });
    await store[Symbol.asyncDispose]();
    expect(listed.map(({ name }) => name)).toEqual(["operations/b"]);
  });

  it("keeps no other orphan from being found", async () => {
    const { store } = await openTelling(await newDamagedFile("operations/a"));
    const orphans = await store.orphans({ handlers: "none", limit: 10 });
    await store[Symbol.asyncDispose]();
    expect(orphans.map(({ name }) => name)).toEqual(["operations/b"]);
  });
});

describe("a listener that throws", () => {
  it("keeps nobody from an answer", async () => {
    const { store, told } = await openTelling(await newFile());
    store.changes.on("change", () => {
      throw new Error("no");
    });
    const kept = await Promise.all(["a", "b", "c"].map((id) => store.insert(running(id))));
    await store[Symbol.asyncDispose]();
    expect([kept, told.length]).toEqual([[true, true, true], 3]);
  });
});

describe("whoever is told of a fault, and throws", () => {
  it("changes no answer", async () => {
    const file = await newDamagedFile("operations/a");
    const onFault = () => {
      throw new Error("secret");
    };
    await using store = await SqliteStore.open(file, { onFault });
    await expect(store.get("operations/a")).rejects.toThrow("the store of operations is not available");
  });
});

describe("owners", () => {
  it("are alive from the moment that they hold a lease, also while somebody asks for orphans", async () => {
    await using store = await SqliteStore.open(await newFile());
    // The question waits behind others, and is answered after the operation is kept.
    const before = Array.from({ length: 500 }, (_, i) => store.list({ parent: String(i), limit: 1 }));
    const asking = store.orphans({ handlers: "none", limit: 10 });
    await store.hold("o1");
    await store.insert(running("a", { owner: "o1" }));
    expect(await asking).toEqual([]);
    await Promise.all(before);
  });
});

describe("a store that closes", () => {
  it("refuses what it is asked in the same moment", async () => {
    const store = await SqliteStore.open(await newFile());
    const closing = store[Symbol.asyncDispose]();
    await expect(store.get("operations/a")).rejects.toThrow("the store of operations is not available");
    await closing;
  });

  it("does what it was asked before, and no more", async () => {
    const store = await SqliteStore.open(await newFile());
    const before = store.insert(running("a"));
    const closing = store[Symbol.asyncDispose]();
    const after = store.insert(running("b")).catch(() => "refused");
    await closing;
    expect([await before, await after]).toEqual([true, "refused"]);
  });
});

describe("a file that a store has", () => {
  it("is refused though somebody has removed its lock", async () => {
    const file = await newFile();
    await using _store = await SqliteStore.open(file);
    await rm(`${file}.lock`);
    expect(String(await refusal(file))).toContain("it is in use already");
  });

  it.runIf(process.platform === "linux")("is refused though this process has read its lock", async () => {
    const file = await newFile();
    await using _store = await SqliteStore.open(file);
    await readFile(`${file}.lock`);
    expect(String(await refusal(file))).toContain("it is in use already");
  });

  it("is refused by the name of a link that led nowhere before", async () => {
    const folder = await newFolder();
    const dangling = join(folder, "link.db");
    await symlink(join(folder, "target.db"), dangling);
    await using _store = await SqliteStore.open(dangling);
    expect(String(await refusal(join(folder, "target.db")))).toContain("it is in use already");
  });
});

describe("a file that cannot be locked", () => {
  it("is refused where it has several names", async () => {
    const file = await newFile();
    await (await open(file, "a")).close();
    await link(file, `${file}.other`);
    const error = await refusal(file);
    expect([error instanceof SqliteStoreError, String(error)]).toEqual([
      true,
      `SqliteStoreError: operations database "${file}": it has several names (hard links), and its WAL is found by one`,
    ]);
  });

  it("is refused where its lock is another file, and that is named", async () => {
    const file = await newFile();
    await writeFile(`${file}.lock`, "no database".repeat(1_000));
    expect(String(await refusal(file))).toContain(`its lock "${file}.lock" cannot be had`);
  });
});
