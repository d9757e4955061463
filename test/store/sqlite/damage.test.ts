import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, open, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { SqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import { anyOf, running } from "../../../src/testing/store-contract/sample-operations.ts";
import { newFolder } from "./open-sqlite-store.ts";

const MAIN = fileURLToPath(new URL("../../../src/server/main.ts", import.meta.url));

/** How many operations a file has before it is damaged: more than fit into any page. */
const OPERATIONS = 300;

/** A file with operations, in a folder of its own, that nobody has open. */
async function newFile(): Promise<string> {
  const file = join(await newFolder(), "operations.db");
  await using store = await SqliteStore.open(file);
  const some = anyOf("a/b.Progress", Buffer.alloc(3_000, 1));
  const operations = Array.from({ length: OPERATIONS }, (_, i) => running(String(i), { metadata: some }));
  await Promise.all(operations.map((operation) => store.insert(operation)));
  return file;
}

/** Writes over a part of a file, from one share of it to another. */
async function overwrite(file: string, from: number, to: number): Promise<void> {
  const { size } = await stat(file);
  const garbage = Buffer.alloc(Math.floor(size * (to - from)), 0xa5);
  const handle = await open(file, "r+");
  await handle.write(garbage, 0, garbage.length, Math.floor(size * from));
  await handle.close();
}

/** Opens a damaged file, whose faults nobody need print. */
function openDamaged(file: string): Promise<SqliteStore> {
  return SqliteStore.open(file, { onFault: () => {} });
}

/** What came of asking for each operation: how many were answered, how many are missing, and how the rest was refused. */
async function everyRead(store: SqliteStore) {
  const found = { read: 0, missing: 0, refused: new Set<string>() };
  for (let i = 0; i < OPERATIONS; i++) {
    try {
      if ((await store.get(`operations/${i}`)) === undefined) found.missing++;
      else found.read++;
    } catch (error) {
      found.refused.add(shown(error));
    }
  }
  return found;
}

function shown(error: unknown): string {
  const { code, cause } = ConnectError.from(error);
  return `${Code[code]}: ${cause instanceof Error ? cause.message : cause}`;
}

describe("a file whose middle is overwritten", () => {
  it("answers what it can, and refuses the rest with the file and the cause", async () => {
    const file = await newFile();
    await overwrite(file, 0.4, 0.6);
    await using store = await openDamaged(file);
    const { read, missing, refused } = await everyRead(store);
    expect({ someRead: read > OPERATIONS / 10, missing, refused: [...refused] }).toEqual({
      someRead: true,
      missing: 0,
      refused: [
        `Unavailable: operations database "${file}": it is corrupt, or could not be read: database disk image is malformed (SQLite 11)`,
      ],
    });
  });

  it("takes a write that it can take beside one that it cannot", async () => {
    const file = await newFile();
    await overwrite(file, 0.4, 0.6);
    await using store = await openDamaged(file);
    const deleting = Array.from({ length: OPERATIONS }, (_, i) => store.delete(`operations/${i}`));
    const inserting = store.insert(running("new"));
    await Promise.allSettled(deleting);
    expect(await inserting).toBe(true);
  });

  it("tells a client no more than that the store is not available", async () => {
    const file = await newFile();
    await overwrite(file, 0.4, 0.6);
    await using store = await openDamaged(file);
    const list = store.list({ parent: "", limit: OPERATIONS });
    await expect(list).rejects.toMatchObject({ rawMessage: "the store of operations is not available" });
  });
});

const CORRUPT = "it is corrupt, or could not be read: database disk image is malformed (SQLite 11)";
const NO_DATABASE = "it is not an SQLite database: file is not a database (SQLite 26)";
const CANNOT_BE_OPENED = "it cannot be opened: unable to open database file (SQLite 14)";
const READ_ONLY = "it may not be written to: attempt to write a readonly database (SQLite 8)";

/** A user with no rights, to run the server as; undefined where this process may not become one. */
const NOBODY = process.getuid?.() === 0 ? 65_534 : undefined;
/** Whether a mode of a file means something to the server: to root it would not. */
const hasModes = process.platform !== "win32";

/** What came of running the server on a file: `says` is what it says of the file where that is all it says. */
async function runServer(file: string): Promise<{ code: number | null; out: string; says: string }> {
  const child = spawn(process.execPath, [MAIN, "--port", "0", "--store", `sqlite:${file}`], {
    stdio: ["ignore", "pipe", "pipe"],
    ...(NOBODY === undefined ? {} : { uid: NOBODY, gid: NOBODY }),
  });
  // A server that began after all does not go on for ever.
  child.stdout.once("data", () => child.kill("SIGKILL"));
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  const beginning = `operations database "${file}": `;
  const isOneLine = err.startsWith(beginning) && err.indexOf("\n") === err.length - 1;
  return { code: code as number | null, out, says: isOneLine ? err.slice(beginning.length).trim() : err };
}

/** Gives a file and its folder to the user that the server runs as. */
async function handOver(file: string): Promise<void> {
  if (NOBODY === undefined) return;
  for (const path of [dirname(file), file, `${file}.lock`]) await chown(path, NOBODY, NOBODY);
}

describe("the server's process", () => {
  it.each<[what: string, damage: (file: string) => Promise<unknown>, says: string]>([
    ["a file that is cut off", async (file) => truncate(file, (await stat(file)).size / 2), CORRUPT],
    ["a file of which 50 bytes are left", (file) => truncate(file, 50), CORRUPT],
    ["a file that is no database", (file) => writeFile(file, "no database".repeat(1_000)), NO_DATABASE],
    ["a file whose beginning is overwritten", (file) => overwrite(file, 0, 0.1), NO_DATABASE],
  ])("ends with 1, and one line that names the file and the cause, for %s", async (_what, damage, says) => {
    const file = await newFile();
    await damage(file);
    await handOver(file);
    const ended = await runServer(file);
    expect(ended).toEqual({ code: 1, out: "", says });
  });

  it.runIf(hasModes).each<[what: string, restrict: (file: string) => Promise<unknown>, says: string]>([
    [
      "a folder that may not be written to",
      (file) => chmod(dirname(file), 0o555),
      'its lock "FILE.lock" cannot be had: it may not be written to: attempt to write a readonly database (SQLite 1544)',
    ],
    ["a file that may not be read", (file) => chmod(file, 0), CANNOT_BE_OPENED],
  ])("ends with 1, and one line that names the file and the cause, for %s", async (_what, restrict, says) => {
    const file = await newFile();
    await handOver(file);
    await restrict(file);
    const ended = await runServer(file);
    await chmod(dirname(file), 0o755);
    expect(ended).toEqual({ code: 1, out: "", says: says.replace("FILE", file) });
  });

  it.runIf(hasModes)(
    "ends with 1, and one line, for a new file in a folder that may not be written to",
    async () => {
      const folder = await newFolder();
      if (NOBODY !== undefined) await chown(folder, NOBODY, NOBODY);
      await chmod(folder, 0o555);
      const file = join(folder, "operations.db");
      const ended = await runServer(file);
      await chmod(folder, 0o755);
      const says = `EACCES: permission denied, open '${file}'`;
      expect(ended).toEqual({ code: 1, out: "", says });
    },
  );

  it.runIf(hasModes)("ends with 1, and one line, for a file that may not be written to", async () => {
    const file = await newFile();
    await handOver(file);
    await chmod(file, 0o444);
    expect(await runServer(file)).toEqual({ code: 1, out: "", says: READ_ONLY });
  });

  it("leaves a file as it is that it refuses", async () => {
    const file = await newFile();
    await truncate(file, (await stat(file)).size / 2);
    await handOver(file);
    const before = await readFile(file);
    await runServer(file);
    expect(await readFile(file)).toEqual(before);
  });
});
