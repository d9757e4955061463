import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { migrate, SchemaFault } from "../../../src/store/sqlite/schema.ts";
import { SqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import {
  alreadyEnded,
  anyOf,
  assertSame,
  keep,
  NOON_MS,
  progressed,
  running,
} from "../../../src/testing/store-contract/sample-operations.ts";
import { newFolder } from "./open-sqlite-store.ts";

const FIRST = "create table operations (name text);";
const SECOND = "alter table operations add column more text;";
const BROKEN = "alter table missing add column more text;";

function columnsOf(db: DatabaseSync): unknown[] {
  return db
    .prepare("select name from pragma_table_info('operations')")
    .all()
    .map(({ name }) => name);
}

function faultOf(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

describe("migrate", () => {
  it("brings an empty file to the newest version", () => {
    const db = new DatabaseSync(":memory:");
    migrate(db, [FIRST, SECOND]);
    expect(columnsOf(db)).toEqual(["name", "more"]);
  });

  it("brings a file of an older version forward, and keeps what is in it", () => {
    const db = new DatabaseSync(":memory:");
    migrate(db, [FIRST]);
    db.exec("insert into operations values ('a')");
    migrate(db, [FIRST, SECOND]);
    expect(db.prepare("select * from operations").get()).toEqual({ name: "a", more: null });
  });

  it("does nothing to a file of its own version", () => {
    const db = new DatabaseSync(":memory:");
    migrate(db, [FIRST]);
    migrate(db, [FIRST]);
    expect(columnsOf(db)).toEqual(["name"]);
  });

  it("refuses a file of a newer version, and leaves it as it is", () => {
    const db = new DatabaseSync(":memory:");
    migrate(db, [FIRST, SECOND]);
    const fault = faultOf(() => migrate(db, [FIRST]));
    expect([fault instanceof SchemaFault, String(fault), columnsOf(db)]).toEqual([
      true,
      "SchemaFault: it was written by a newer version of longrunning (schema 2, and this version knows 1)",
      ["name", "more"],
    ]);
  });

  it("refuses the database of another program, and leaves it as it is", () => {
    const db = new DatabaseSync(":memory:");
    db.exec("create table users (name text)");
    const fault = faultOf(() => migrate(db, [FIRST]));
    expect([String(fault), columnsOf(db)]).toEqual(["SchemaFault: it is a database of another program", []]);
  });

  it("leaves a file as it was where a migration fails", () => {
    const db = new DatabaseSync(":memory:");
    migrate(db, [FIRST]);
    expect(() => migrate(db, [FIRST, `${SECOND}${BROKEN}`])).toThrow("no such table");
    expect(columnsOf(db)).toEqual(["name"]);
  });
});

/** Makes of a file what version 5 of the schema would have written. */
function bringBackToFifthVersion(file: string): void {
  const db = new DatabaseSync(file);
  db.exec(`
    drop index operations_ended;
    pragma user_version = 5;
  `);
  db.close();
}

/** The same of a file in which no more than so many operations of a parent may be kept. */
function bringBackToFifthVersionWithCap(file: string): void {
  const db = new DatabaseSync(file);
  db.exec("pragma user_version = 5");
  db.close();
}

/** Makes of a file what version 4 of the schema would have written. */
function bringBackToFourthVersion(file: string): void {
  bringBackToFifthVersion(file);
  const db = new DatabaseSync(file);
  db.exec(`
    alter table operations drop column trace_parent;
    pragma user_version = 4;
  `);
  db.close();
}

/** Makes of a file what version 3 of the schema would have written. */
function bringBackToThirdVersion(file: string): void {
  bringBackToFourthVersion(file);
  const db = new DatabaseSync(file);
  db.exec(`
    drop index operations_below;
    drop index operations_running_in_list;
    drop index operations_of_type;
    drop index operations_of_principal;
    alter table operations drop column metadata_type;
    pragma user_version = 3;
  `);
  db.close();
}

/** Makes of a file what version 2 of the schema would have written. */
function bringBackToSecondVersion(file: string): void {
  bringBackToThirdVersion(file);
  const db = new DatabaseSync(file);
  db.exec(`
    drop table keys;
    alter table operations drop column principal;
    pragma user_version = 2;
  `);
  db.close();
}

/** Makes of a file what version 1 of the schema would have written. */
function bringBackToFirstVersion(file: string): void {
  bringBackToSecondVersion(file);
  const db = new DatabaseSync(file);
  db.exec(`
    drop index operations_running;
    alter table operations drop column ready_time;
    alter table operations drop column delay;
    create index operations_running on operations (create_time, name, owner, handler) where end_time is null;
    pragma user_version = 1;
  `);
  db.close();
}

describe("a file", () => {
  it("of the first version goes on with the work that waits in it", async () => {
    const file = join(await newFolder(), "operations.db");
    const work = { handler: "w", input: anyOf("type.example.com/example.Input", [1]) };
    {
      await using store = await SqliteStore.open(file);
      await keep(store, running("b", { work }), running("a", { work, createTimeMs: NOON_MS - 1 }));
    }
    bringBackToFirstVersion(file);
    await using store = await SqliteStore.open(file);
    const orphans = await store.orphans({ handlers: ["w"], limit: 9 });
    expect(orphans.map(({ name }) => name)).toEqual(["operations/a", "operations/b"]);
  });

  it("of the second version keeps what is in it, of which nobody is known to have started it", async () => {
    const file = join(await newFolder(), "operations.db");
    {
      await using store = await SqliteStore.open(file);
      await keep(store, running("a"));
    }
    bringBackToSecondVersion(file);
    await using store = await SqliteStore.open(file);
    assertSame(await store.get("operations/a"), running("a", { principal: undefined }));
  });

  it("of the third version has its operations listed by type", async () => {
    const file = join(await newFolder(), "operations.db");
    {
      await using store = await SqliteStore.open(file);
      await keep(store, running("b"), progressed(running("a")));
    }
    bringBackToThirdVersion(file);
    await using store = await SqliteStore.open(file);
    const only = { by: "metadataType", value: "example.Progress" } as const;
    const listed = await store.list({ parent: "", limit: 9, only });
    expect(listed.map(({ name }) => name)).toEqual(["operations/a"]);
  });

  it("of the third version opens though an operation in it is damaged", async () => {
    const file = join(await newFolder(), "operations.db");
    {
      await using store = await SqliteStore.open(file);
      await keep(store, running("a"), running("b"));
    }
    bringBackToThirdVersion(file);
    const db = new DatabaseSync(file);
    db.exec("update operations set message = x'ffff' where name = 'operations/a'");
    db.close();
    await using store = await SqliteStore.open(file);
    assertSame(await store.get("operations/b"), running("b"));
  });

  it("of the fourth version keeps what is in it, which nobody has traced", async () => {
    const file = join(await newFolder(), "operations.db");
    {
      await using store = await SqliteStore.open(file);
      await keep(store, running("a", { traceParent: "00-a-b-01" }));
    }
    bringBackToFourthVersion(file);
    await using store = await SqliteStore.open(file);
    assertSame(await store.get("operations/a"), running("a", { traceParent: undefined }));
  });

  it.each([
    ["of the fifth version", bringBackToFifthVersion],
    ["of the fifth version that forgot what was too many", bringBackToFifthVersionWithCap],
  ])("%s has its operations listed by when they ended", async (_, bringBack) => {
    const file = join(await newFolder(), "operations.db");
    {
      await using store = await SqliteStore.open(file);
      await keep(store, running("b"), alreadyEnded("a", NOON_MS + 10_000));
    }
    bringBack(file);
    await using store = await SqliteStore.open(file);
    const range = { of: "endTime", parent: "", fromMs: NOON_MS } as const;
    const listed = await store.listInRange({ range, most: 9, limit: 9 });
    expect(listed?.map(({ name }) => name)).toEqual(["operations/a"]);
  });

  it("keeps its keys when it is opened again", async () => {
    const file = join(await newFolder(), "operations.db");
    {
      await using store = await SqliteStore.open(file);
      await store.keyOf("k", Uint8Array.of(1, 2, 3));
    }
    await using store = await SqliteStore.open(file);
    expect(await store.keyOf("k", Uint8Array.of(4, 5, 6))).toEqual(Uint8Array.of(1, 2, 3));
  });

  it("keeps its operations when it is opened again", async () => {
    const file = join(await newFolder(), "operations.db");
    {
      await using store = await SqliteStore.open(file);
      await keep(store, running("a"));
    }
    await using store = await SqliteStore.open(file);
    assertSame(await store.get("operations/a"), running("a"));
  });
});
