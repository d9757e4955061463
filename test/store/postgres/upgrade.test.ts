import { randomUUID } from "node:crypto";
import { Client } from "pg";
import { describe, expect, it } from "vitest";
import { takeOver } from "../../../src/operation/transition.ts";
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

/** Makes of a schema what version 2 would have made. */
function bringBackToSecondVersion(schema: string): Promise<void> {
  return ask(`
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
