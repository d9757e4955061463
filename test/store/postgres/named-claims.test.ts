import { randomUUID } from "node:crypto";
import { Client } from "pg";
import { expect, it } from "vitest";
import { takeOver } from "../../../src/operation/transition.ts";
import type { OperationStore } from "../../../src/store/operation-store.ts";
import { anyOf, keep, NOON_MS, running } from "../../../src/testing/store-contract/sample-operations.ts";
import { usePostgres } from "./open-postgres-store.ts";

const postgres = usePostgres();

/** How many claims come at once. */
const CLAIMS = 100;

/** How many transactions the writers of a schema have made. */
async function transactionsIn(schema: string): Promise<number> {
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  const { rows } = await client.query(`select sum(transactions)::integer as made from "${schema}".writers`);
  await client.end();
  return rows[0].made;
}

async function claimOne(store: OperationStore, id: string): Promise<string | undefined> {
  const query = { handler: "w", limit: 1, name: `operations/${id}` };
  return (await store.claim(query, takeOver("o2", NOON_MS)))[0]?.name;
}

it("claims by name that come together share a few transactions", async () => {
  const schema = randomUUID();
  await using store = await postgres.open({ schema });
  const ids = Array.from({ length: CLAIMS }, (_, i) => String(i));
  const work = { handler: "w", input: anyOf("type.example.com/example.Input", [1]) };
  await keep(store, ...ids.map((id) => running(id, { work })));
  const before = await transactionsIn(schema);
  const claimed = await Promise.all(ids.map((id) => claimOne(store, id)));
  const transactions = (await transactionsIn(schema)) - before;
  expect([new Set(claimed).size, claimed.includes(undefined), transactions < 5]).toEqual([
    ...[CLAIMS, false, true],
  ]);
});

it("claims by name are not kept from being made by one whose row is locked elsewhere", async () => {
  const schema = randomUUID();
  await using store = await postgres.open({ schema });
  const work = { handler: "w", input: anyOf("type.example.com/example.Input", [1]) };
  await keep(store, running("locked", { work }), running("free", { work }));
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  await client.query(`begin; select from "${schema}".operations where name = 'operations/locked' for update`);
  const claimed = await Promise.all([claimOne(store, "locked"), claimOne(store, "free")]);
  await client.end();
  expect(claimed).toEqual([undefined, "operations/free"]);
});
