import { randomUUID } from "node:crypto";
import { Client } from "pg";
import { describe, expect, it } from "vitest";
import { PostgresStore, PostgresStoreError } from "../../../src/store/postgres/postgres-store.ts";
import { assertSame, keep, running } from "../../../src/testing/store-contract/sample-operations.ts";
import { usePostgres } from "./open-postgres-store.ts";

const postgres = usePostgres();

/** Asks the database something, beside the stores. */
async function ask(sql: string, url = postgres.url): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** What opening a store is refused with. */
async function refusal(url: string, schema = randomUUID()): Promise<PostgresStoreError> {
  const opened = await PostgresStore.open(url, { schema }).catch((error: unknown) => error);
  if (opened instanceof PostgresStoreError) return opened;
  throw new Error(`the database was not refused, but ${opened}`);
}

describe("opening a database", () => {
  it("makes the tables of a new schema once, where ten servers start at once", async () => {
    const schema = randomUUID();
    const stores = await Promise.all(Array.from({ length: 10 }, () => postgres.open({ schema })));
    await keep(stores[0] as PostgresStore, running("a"));
    for (const store of stores) assertSame(await store.get("operations/a"), running("a"));
    for (const store of stores) await store[Symbol.asyncDispose]();
  });

  it("takes a schema of any name", async () => {
    await using store = await postgres.open({ schema: `O'Brien "s" ${randomUUID()}` });
    await keep(store, running("a"));
  });

  it("keeps schemas apart", async () => {
    await using one = await postgres.open();
    await using other = await postgres.open();
    await keep(one, running("a"));
    expect(await other.get("operations/a")).toBeUndefined();
  });

  it("works with tables that a newer version has added to", async () => {
    const schema = randomUUID();
    await (await postgres.open({ schema }))[Symbol.asyncDispose]();
    await ask(`update "${schema}".schema_version set version = 99`);
    await ask(`alter table "${schema}".operations add column more text`);
    await using store = await postgres.open({ schema });
    await keep(store, running("a"));
    assertSame(await store.get("operations/a"), running("a"));
  });

  it("refuses tables of a newer version that it cannot work with", async () => {
    const schema = randomUUID();
    await (await postgres.open({ schema }))[Symbol.asyncDispose]();
    await ask(`update "${schema}".schema_version set version = 99, oldest_compatible = 98`);
    expect((await refusal(postgres.url, schema)).message).toContain(
      "it was made by a newer version of longrunning (schema 99, and this version knows 5)",
    );
  });

  it("needs no right but to the rows where the tables are there", async () => {
    const schema = randomUUID();
    await (await postgres.open({ schema }))[Symbol.asyncDispose]();
    const role = `server_${schema.replaceAll("-", "")}`;
    await ask(`create role ${role} login`);
    await ask(`grant usage on schema "${schema}" to ${role}`);
    await ask(`grant select, insert, update, delete on all tables in schema "${schema}" to ${role}`);
    const url = new URL(postgres.url);
    url.username = role;
    await using store = await PostgresStore.open(url.href, { schema });
    const lease = await store.hold("o1", 10_000);
    await keep(store, running("a"));
    await store.delete("operations/a");
    await lease.release();
  });

  it("refuses a database that is not there, with its address and without the password", async () => {
    const { message } = await refusal("postgres://me:secret@127.0.0.1:1/db");
    expect(message).toMatch(/^operations database "127\.0\.0\.1:1\/db": .*ECONNREFUSED/);
    expect(message).not.toContain("secret");
  });

  it("refuses an address that is none", async () => {
    expect((await refusal("postgres://[")).message).toContain("operations database");
  });
});
