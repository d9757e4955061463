import { randomUUID } from "node:crypto";
import { Client } from "pg";
import { describe, expect, it } from "vitest";
import type { OperationRange } from "../../../src/operation/operation-range.ts";
import { walksOf } from "../../../src/store/list-walks.ts";
import type { ListQuery } from "../../../src/store/operation-store.ts";
import { inRange, orderOf } from "../../../src/store/range-conditions.ts";
import { NOON_MS } from "../../../src/testing/store-contract/sample-operations.ts";
import { shapes } from "../list-queries.ts";
import { usePostgres } from "./open-postgres-store.ts";

const postgres = usePostgres();

/** What a node of a plan tells of itself. */
interface Plan {
  readonly "Node Type": string;
  readonly "Index Name"?: string;
  readonly "Rows Removed by Filter"?: number;
  readonly Plans?: readonly Plan[];
}

/** A connection to tables with 20,000 operations: each second one runs, of each hundred one is of a type or a principal. */
async function openFilled() {
  const schema = randomUUID();
  await (await postgres.open({ schema }))[Symbol.asyncDispose]();
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  await client.query(`set search_path to "${schema}"`);
  await client.query(`
    insert into operations (
      name, parent, revision, message, cancel_requested, create_time, end_time, expire_time, attempt, principal, metadata_type
    )
    select 'operations/' || i, (array['', 'p', 'q'])[i % 3 + 1], 1, '', false, ${NOON_MS} + i,
      case when i % 2 = 0 then ${NOON_MS} + i end, case when i % 2 = 0 then ${NOON_MS} + i end, 1,
      case when i % 100 = 1 then 'alice' else 'bob' end, case when i % 100 = 3 then 'x.Y' else 'x.Z' end
    from generate_series(1, 20000) as i
  `);
  await client.query("analyze operations");
  // As a statement is planned that is asked often.
  await client.query("set plan_cache_mode = force_generic_plan");
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}

/** The indexes, and other ways, by which PostgreSQL finds what is in a range. */
async function waysInto(client: Client, range: OperationRange): Promise<unknown[]> {
  const values: (string | number)[] = [];
  const where = inRange(range, (value) => `$${values.push(value)}`);
  // Of a million operations 5,000 are asked for: of so few as these it would be a quarter, which is read as a whole.
  await client.query(
    `prepare range as select * from operations where ${where} order by ${orderOf(range)} limit 100`,
  );
  const literals = values.map((value) => client.escapeLiteral(String(value))).join(", ");
  const { rows } = await client.query(`explain (format json) execute range(${literals})`);
  await client.query("deallocate range");
  const nodes = nodesOf(rows[0]["QUERY PLAN"][0].Plan).filter((node) => node["Node Type"] !== "Limit");
  return nodes.map((node) => node["Index Name"] ?? node["Node Type"]);
}

/** The walks of a List that PostgreSQL makes otherwise than along their index, and none of which looks at a row in vain. */
async function detoursOf(client: Client, query: ListQuery): Promise<unknown[]> {
  const detours: unknown[] = [];
  for (const { index, where } of walksOf(query).flat()) {
    const values: (string | number)[] = [];
    const condition = where((value) => `$${values.push(value)}`);
    await client.query(`
      prepare walk as select * from operations where ${condition} order by create_time desc, name limit 50
    `);
    const literals = values.map((value) => client.escapeLiteral(String(value))).join(", ");
    const { rows } = await client.query(
      `explain (analyze, format json) execute walk${literals === "" ? "" : `(${literals})`}`,
    );
    await client.query("deallocate walk");
    const nodes = nodesOf(rows[0]["QUERY PLAN"][0].Plan);
    const isWalk = nodes.every((node) => node["Node Type"] === "Limit" || node["Index Name"] === index);
    if (!isWalk) detours.push([condition, ...nodes.map((node) => node["Index Name"] ?? node["Node Type"])]);
  }
  return detours;
}

function nodesOf(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
}

describe("a List in PostgreSQL", () => {
  it("is made of walks along indexes, in their order, whatever it asks for", async () => {
    await using client = await openFilled();
    const detours: Record<string, unknown> = {};
    for (const { shape, query } of shapes) {
      const found = await detoursOf(client, query);
      if (found.length > 0) detours[shape] = found;
    }
    expect(detours).toEqual({});
  });
});

describe("a range in PostgreSQL", () => {
  it.each<[OperationRange, string]>([
    [{ of: "name", prefix: "operations/12" }, "operations_pkey"],
    [{ of: "name", prefix: "\u{10ffff}" }, "operations_pkey"],
    [{ of: "expireTime", fromMs: NOON_MS }, "operations_expiring"],
    [{ of: "expireTime", untilMs: NOON_MS }, "operations_expiring"],
    [{ of: "expireTime", fromMs: NOON_MS, untilMs: NOON_MS + 5 }, "operations_expiring"],
    [{ of: "endTime", parent: "p", fromMs: NOON_MS }, "operations_ended"],
    [{ of: "endTime", parent: "p", untilMs: NOON_MS }, "operations_ended"],
    [{ of: "endTime", parent: "", fromMs: NOON_MS, untilMs: NOON_MS + 5 }, "operations_ended"],
  ])("is found by its index: %j", async (range, index) => {
    await using client = await openFilled();
    expect(await waysInto(client, range)).toEqual([index]);
  });
});
