import { randomUUID } from "node:crypto";
import { PostgresStore } from "longrunning/postgres";
import { Client } from "pg";
import { takeOver } from "../src/operation/transition.ts";
import { COLUMNS } from "../src/store/columns.ts";
import { recordOf } from "../src/store/operation-record.ts";
import { startPostgres } from "../test/postgres/postgres-server.ts";
import { Figures, judge, median, rounded } from "./figures.ts";
import { anyOf, sampleEnded, sampleName, sampleRunning } from "./sample-operations.ts";

// What a million finished operations in PostgreSQL cost beside a thousand: Get, the first page of List, a look for
// orphans, and claims of work that waits. Each run has both, one after the other, in one database.
const RUNS = 5;
const COUNTS = [1_000, 1_000_000] as const;
const WAITING = 1_000;
const CALLS = 500;
const MOST_RATIO = 1.5;

/** A prime: in steps of it, all numbers come, each once, and neighbours lie far apart. */
const STEP = 514_229;

await using postgres = await startPostgres({ shared_buffers: "256MB", max_wal_size: "4GB" });
const client = new Client({ connectionString: postgres.url });
await client.connect();

/** Fills the tables of a store with copies of one finished operation, by bare SQL. */
async function fill(schema: string, count: number): Promise<void> {
  const record = recordOf(sampleEnded(0));
  const copied = COLUMNS.map((column) => {
    // As spread as the names of other samples are.
    if (column === "name") return "'operations/' || md5(i::text)";
    return column === "create_time" || column === "end_time" ? `${column} + i` : column;
  });
  const values = COLUMNS.map((column) => {
    const value = record[column];
    return value instanceof Uint8Array ? Buffer.from(value) : value;
  });
  const table = `"${schema}".operations`;
  await client.query(
    `insert into ${table} (${COLUMNS.join(", ")}) values (${COLUMNS.map((_, i) => `$${i + 1}`).join(", ")})`,
    values,
  );
  await client.query(
    `insert into ${table} (${COLUMNS.join(", ")})
     select ${copied.join(", ")} from ${table}, generate_series(1, ${count - 1}) as i`,
  );
  await client.query(`vacuum analyze ${table}`);
}

const names = new Map<number, readonly string[]>();
const stores = new Map<number, PostgresStore>();
for (const count of COUNTS) {
  const beginMs = performance.now();
  const schema = randomUUID();
  const store = await PostgresStore.open(postgres.url, { schema });
  await fill(schema, count);
  stores.set(count, store);
  const { rows } = await client.query<{ name: string }>(
    `select 'operations/' || md5((1 + i::bigint * ${STEP} % ${count - 1})::text) as name from generate_series(1, ${CALLS}) as i`,
  );
  names.set(
    count,
    rows.map(({ name }) => name),
  );
  const size = await client.query(`select pg_total_relation_size('"${schema}".operations') as bytes`);
  const seconds = (performance.now() - beginMs) / 1_000;
  console.log(
    `${count.toLocaleString("en-US")} operations: ${rounded(Number(size.rows[0].bytes) / 1e6)} MB, written in ${rounded(seconds)} s`,
  );
}

const figures = {
  get: new Figures(),
  list: new Figures(),
  orphans: new Figures(),
  claims: new Figures(),
};

async function medianMs(calls: number, call: (i: number) => Promise<unknown>): Promise<number> {
  const tookMs: number[] = [];
  for (let i = 0; i < calls; i++) {
    const beginMs = performance.now();
    await call(i);
    tookMs.push(performance.now() - beginMs);
  }
  return median(tookMs);
}

async function run(count: number, store: PostgresStore, turn: number): Promise<void> {
  const of = count.toLocaleString("en-US");
  const get = async (i: number) => {
    if ((await store.get(names.get(count)?.[i] ?? "")) === undefined) throw new Error("it is not kept");
  };
  figures.get.note(of, (await medianMs(CALLS, get)) * 1_000);
  figures.list.note(of, await medianMs(CALLS / 5, () => store.list({ parent: "", limit: 51 })));
  figures.orphans.note(of, await medianMs(CALLS / 50, () => store.orphans({ handlers: "none", limit: 100 })));
  const work = { handler: "bench", input: anyOf("type.googleapis.com/example.v1.ExportRequest", 100) };
  const numbers = Array.from({ length: WAITING }, (_, i) => turn * WAITING + i);
  await Promise.all(numbers.map((i) => store.insert({ ...sampleRunning(i + 1e7), owner: undefined, work })));
  const beginMs = performance.now();
  const claimed = await claimAll(store);
  figures.claims.note(of, claimed / ((performance.now() - beginMs) / 1_000));
  await Promise.all(numbers.map((i) => store.delete(sampleName(i + 1e7))));
}

async function claimAll(store: PostgresStore): Promise<number> {
  let claimed = 0;
  for (;;) {
    const some = await store.claim({ handler: "bench", limit: 100 }, takeOver("a", 0));
    if (some.length === 0) return claimed;
    claimed += some.length;
  }
}

for (const store of stores.values()) await store.hold("a", 600_000);
for (let turn = 0; turn <= RUNS; turn++) {
  for (const [count, store] of stores) await run(count, store, turn);
  // The first one warms up.
  if (turn === 0) for (const figure of Object.values(figures)) figure.clear();
}
for (const store of stores.values()) await store[Symbol.asyncDispose]();
await client.end();
figures.get.print("Get, one at a time, µs");
figures.list.print("first page of List, 51 operations, ms");
figures.orphans.print("a look for orphans, ms");
figures.claims.print("claims, 100 at a time, by one, a second");
console.log();
const [few, many] = ["1,000", "1,000,000"] as const;
judge("Get, a million to a thousand", figures.get.ratio(many, few), { below: MOST_RATIO });
judge("List, a million to a thousand", figures.list.ratio(many, few), { below: MOST_RATIO });
judge("orphans, a million to a thousand", figures.orphans.ratio(many, few), { below: MOST_RATIO });
judge("claims, a thousand to a million", figures.claims.ratio(few, many), { below: MOST_RATIO });
