import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { migrateSchema } from "../../../src/store/postgres/migrate-schema.ts";
import { PostgresStore } from "../../../src/store/postgres/postgres-store.ts";
import { assertSame, keep, running } from "../../../src/testing/store-contract/sample-operations.ts";
import { ask } from "../../postgres/ask.ts";
import { startProxy } from "../../postgres/proxy.ts";
import { usePostgres } from "./open-postgres-store.ts";

const postgres = usePostgres();

/** A role that may do nothing but what it is granted, and its address of the database. */
async function newRole(grants: (role: string) => readonly string[]): Promise<URL> {
  const role = `role_${randomUUID().replaceAll("-", "")}`;
  const url = new URL(postgres.url);
  const database = url.pathname.slice(1);
  await ask(postgres.url, `create role ${role} login`);
  await ask(postgres.url, `revoke all on database ${database} from public`);
  await ask(postgres.url, `grant connect on database ${database} to ${role}`);
  for (const grant of grants(role)) await ask(postgres.url, grant);
  url.username = role;
  return url;
}

/** Tables that an administrator has made, and a role with the rights that docs/running.md names. */
async function migratedFor() {
  const schema = randomUUID();
  await migrateSchema(postgres.url, { schema });
  const url = await newRole((role) => [
    `grant usage on schema "${schema}" to ${role}`,
    `grant select on "${schema}".schema_version to ${role}`,
    `grant select, insert on "${schema}".keys to ${role}`,
    `grant select, insert, update, delete on "${schema}".operations, "${schema}".owners, "${schema}".writers to ${role}`,
  ]);
  return { schema, url };
}

describe("tables that an administrator has made", () => {
  it("are all that a server needs, which may use their rows", async () => {
    const { schema, url } = await migratedFor();
    await using store = await PostgresStore.open(url.href, { schema });
    const lease = await store.hold("o1", 60_000);
    await keep(store, running("a"));
    await store.list({ parent: "", limit: 1 });
    await store.orphans({ handlers: "any", limit: 1 });
    await store.deleteExpired(0, 1);
    await store.deleteSurplus(0, 1);
    expect(await store.delete("operations/a")).toBe(true);
    await lease.release();
  });

  it("let such servers share a key", async () => {
    const { schema, url } = await migratedFor();
    await using one = await PostgresStore.open(url.href, { schema });
    await using other = await PostgresStore.open(url.href, { schema });
    await one.keyOf("k", Uint8Array.of(1, 2, 3));
    expect(await other.keyOf("k", Uint8Array.of(4, 5, 6))).toEqual(Uint8Array.of(1, 2, 3));
  });

  it("let such a server learn what became of a commit that was not answered", async () => {
    const { schema, url } = await migratedFor();
    await using proxy = await startProxy(Number(url.port));
    url.port = String(proxy.port);
    await using store = await PostgresStore.open(url.href, { schema });
    proxy.spoilNextCommit("cut after");
    expect(await store.insert(running("a"))).toBe(true);
  });

  it("are made by a server that owns their schema, and may make no other", async () => {
    const schema = randomUUID();
    const url = await newRole((role) => [`create schema "${schema}" authorization ${role}`]);
    await using store = await PostgresStore.open(url.href, { schema });
    await keep(store, running("a"));
  });

  it("may be made again", async () => {
    const { schema } = await migratedFor();
    await using store = await postgres.open({ schema });
    await keep(store, running("a"));
    await migrateSchema(postgres.url, { schema });
    assertSame(await store.get("operations/a"), running("a"));
  });
});

describe("tables that nobody has made", () => {
  it("are refused to a server that may not make them, in PostgreSQL's words", async () => {
    const url = await newRole(() => []);
    const opened = PostgresStore.open(url.href, { schema: randomUUID() });
    await expect(opened).rejects.toThrow(/^operations database .*: permission denied for database/);
  });
});
