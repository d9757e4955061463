import { randomUUID } from "node:crypto";
import { Client } from "pg";
import { describe, expect, it } from "vitest";
import { takeOver } from "../../../src/operation/transition.ts";
import type { OperationStore } from "../../../src/store/operation-store.ts";
import {
  anyOf,
  assertSame,
  keep,
  NOON_MS,
  running,
} from "../../../src/testing/store-contract/sample-operations.ts";
import { usePostgres } from "./open-postgres-store.ts";

const postgres = usePostgres();
const work = { handler: "w", input: anyOf("type.example.com/example.Input", [1]) };

async function ask(sql: string): Promise<void> {
  await using client = Object.assign(new Client({ connectionString: postgres.url }), {
    async [Symbol.asyncDispose]() {
      await client.end();
    },
  });
  await client.connect();
  await client.query(sql);
}

/** Makes of a schema what version 4 would have made. */
function bringBackToFourthVersion(schema: string): Promise<void> {
  return ask(`
    set search_path to "${schema}";
    alter table operations drop column trace_parent;
    update schema_version set version = 4, oldest_compatible = 1;
  `);
}

/** Makes of a schema what version 3 would have made. */
async function bringBackToThirdVersion(schema: string): Promise<void> {
  await bringBackToFourthVersion(schema);
  await ask(`
    set search_path to "${schema}";
    drop index operations_below, operations_running_in_list, operations_of_type, operations_of_principal,
      operations_untyped;
    alter table operations drop column metadata_type;
    update schema_version set version = 3, oldest_compatible = 1;
  `);
}

/** Makes of a schema what version 2 would have made. */
async function bringBackToSecondVersion(schema: string): Promise<void> {
  await bringBackToThirdVersion(schema);
  await ask(`
    set search_path to "${schema}";
    drop table keys;
    alter table operations drop column principal;
    update schema_version set version = 2, oldest_compatible = 1;
  `);
}

/** Makes of a schema what version 1 would have made. */
async function bringBackToFirstVersion(schema: string): Promise<void> {
  await bringBackToSecondVersion(schema);
  await ask(`
    set search_path to "${schema}";
    drop table writers;
    drop index operations_ready;
    alter table operations drop column ready_time, drop column delay;
    create index operations_waiting on operations (handler, create_time, name)
      where end_time is null and owner is null;
    update schema_version set version = 1, oldest_compatible = 1;
  `);
}

describe("a schema of the first version", () => {
  it("goes on with the work that waits in it, when a newer server opens it", async () => {
    const schema = randomUUID();
    {
      await using store = await postgres.open({ schema });
      await keep(store, running("a", { work }), running("b", { work }));
    }
    await bringBackToFirstVersion(schema);
    await using store = await postgres.open({ schema });
    const claimed = await store.claim({ handler: "w", limit: 9 }, takeOver("o", NOON_MS));
    expect(claimed.map(({ name }) => name).toSorted()).toEqual(["operations/a", "operations/b"]);
  });

  it("takes what a server of that version starts after the upgrade", async () => {
    const schema = randomUUID();
    await using store = await postgres.open({ schema });
    await ask(`
      insert into "${schema}".operations
        (name, parent, revision, message, cancel_requested, create_time, attempt, handler, input)
      values ('operations/a', '', 1, '', false, ${NOON_MS}, 0, 'w', '')
    `);
    const orphans = await store.orphans({ handlers: ["w"], limit: 9 });
    expect(orphans.map(({ name }) => name)).toEqual(["operations/a"]);
  });
});

describe("a schema of the second version", () => {
  it("keeps what is in it, of which nobody is known to have started it", async () => {
    const schema = randomUUID();
    {
      await using store = await postgres.open({ schema });
      await keep(store, running("a"));
    }
    await bringBackToSecondVersion(schema);
    await using store = await postgres.open({ schema });
    assertSame(await store.get("operations/a"), running("a", { principal: undefined }));
  });

  it("lets a server of that version change what a newer one started, which stays whose it was", async () => {
    const schema = randomUUID();
    await using store = await postgres.open({ schema });
    const kept = running("a", { principal: "alice" });
    await keep(store, kept);
    await ask(`update "${schema}".operations set revision = 2, cancel_requested = true`);
    assertSame(await store.get("operations/a"), { ...kept, revision: 2, cancelRequested: true });
  });
});

const ofProgress = { by: "metadataType", value: "example.Progress" } as const;

/** The names of those that a store lists by the type that progress is of. */
async function listByType(store: OperationStore): Promise<string[]> {
  const listed = await store.list({ parent: "", limit: 2_000, only: ofProgress });
  return listed.map(({ name }) => name);
}

describe("a schema of the third version", () => {
  it("has its operations listed by type, however many, when a newer server opens it", async () => {
    const schema = randomUUID();
    const metadata = anyOf("type.example.com/example.Progress", [1]);
    {
      await using store = await postgres.open({ schema });
      const many = Array.from({ length: 1_200 }, (_, i) => running(`${i}`, { metadata }));
      await Promise.all([...many, running("other")].map((stored) => store.insert(stored)));
    }
    await bringBackToThirdVersion(schema);
    await using store = await postgres.open({ schema });
    expect((await listByType(store)).length).toBe(1_200);
  });

  it("has what a server of that version wrote since listed by type when the next newer one opens it", async () => {
    const schema = randomUUID();
    await using store = await postgres.open({ schema });
    await keep(store, running("a", { metadata: anyOf("type.example.com/example.Progress", [1]) }));
    await ask(`update "${schema}".operations set metadata_type = null`);
    await using next = await postgres.open({ schema });
    expect([await listByType(store), await listByType(next)]).toEqual([["operations/a"], ["operations/a"]]);
  });
});

describe("a schema of the fourth version", () => {
  it("keeps what is in it, which nobody has traced", async () => {
    const schema = randomUUID();
    {
      await using store = await postgres.open({ schema });
      await keep(store, running("a", { traceParent: "00-a-b-01" }));
    }
    await bringBackToFourthVersion(schema);
    await using store = await postgres.open({ schema });
    assertSame(await store.get("operations/a"), running("a", { traceParent: undefined }));
  });

  it("lets a server of that version change what a newer one has traced, which stays traced", async () => {
    const schema = randomUUID();
    await using store = await postgres.open({ schema });
    const kept = running("a", { traceParent: "00-a-b-01" });
    await keep(store, kept);
    await ask(`update "${schema}".operations set revision = 2, cancel_requested = true`);
    assertSame(await store.get("operations/a"), { ...kept, revision: 2, cancelRequested: true });
  });

  it("takes what a server of that version starts after the upgrade", async () => {
    const schema = randomUUID();
    await using store = await postgres.open({ schema });
    await ask(`
      insert into "${schema}".operations (name, parent, revision, message, cancel_requested, create_time, attempt)
      values ('operations/a', '', 1, '', false, ${NOON_MS}, 0)
    `);
    expect((await store.get("operations/a"))?.traceParent).toBeUndefined();
  });
});
