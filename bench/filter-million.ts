import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { PostgresStore } from "longrunning/postgres";
import { SqliteStore } from "longrunning/sqlite";
import { Client } from "pg";
import { compileFilter } from "../src/filter/filter.ts";
import type { StoredOperation } from "../src/operation/stored-operation.ts";
import { readPage } from "../src/service/read-page.ts";
import { recordOf } from "../src/store/operation-record.ts";
import type { OperationStore } from "../src/store/operation-store.ts";
import { Writes } from "../src/store/postgres/writes.ts";
import { startPostgres } from "../test/postgres/postgres-server.ts";
import { BareLoop, insertValues } from "./bare-loop.ts";
import { Figures, judge, median, rounded, temporaryFolder } from "./figures.ts";
import { anyOf, sampleEnded, sampleRunning } from "./sample-operations.ts";

// The first page, of 50, of filters that an index serves, over a million operations beside ten thousand, in both
// databases. Of either number 500 run and 500 others, which ended last, have metadata of a rare type, spread over all the
// rest.
const RUNS = 5;
const CALLS = 100;
const COUNTS = [10_000, 1_000_000] as const;
const SPECIAL = 500;
const MOST_RATIO = 2;

const RARE = "type.googleapis.com/example.v1.ImportProgress";
const TYPES = { metadata: [], response: [] };

/** What is asked for; the times are about the middle of what is kept. */
function filtersOf(count: number): Readonly<Record<string, string>> {
  const middle = new Date(sampleRunning(count / 2).createTimeMs).toISOString();
  return {
    "done=false": "done=false",
    "metadata.@type": `metadata.@type=${RARE}`,
    "create_time between two": `create_time<"${middle}" AND create_time>"2026-01-01T00:00:00Z"`,
    "end_time from a time on": `end_time>="${new Date(lastEndMs(count)).toISOString()}"`,
    name: `name="${sampleRunning(count / 2 + 1).name}"`,
    // Of ten thousand 625 begin so, of a million 244.
    "beginning of names": `name="operations/${count > 10_000 ? "5a7" : "5"}*"`,
  };
}

/** An operation of that place in a store of so many. */
function sampleOf(i: number, count: number): StoredOperation {
  const step = count / SPECIAL;
  if (i % step === 0) return sampleRunning(i);
  const ended = sampleEnded(i);
  if (i % step !== 1) return ended;
  return { ...ended, endTimeMs: lastEndMs(count), message: { ...ended.message, metadata: anyOf(RARE, 150) } };
}

/** An hour after the last operation was made. */
function lastEndMs(count: number): number {
  return sampleRunning(count).createTimeMs + 3_600_000;
}

/** What is kept, in parts that are written together. */
function* partsOf(count: number): Iterable<StoredOperation[]> {
  const atOnce = 5_000;
  for (let first = 0; first < count; first += atOnce) {
    yield Array.from({ length: atOnce }, (_, i) => sampleOf(first + i, count));
  }
}

async function openSqlite(folder: string, count: number): Promise<OperationStore> {
  const file = join(folder, `${count}.db`);
  {
    using loop = new BareLoop(file);
    for (const part of partsOf(count)) loop.insert(part.map(insertValues), part.length);
  }
  return SqliteStore.open(file);
}

async function openPostgres(url: string, count: number): Promise<OperationStore> {
  const schema = randomUUID();
  const store = await PostgresStore.open(url, { schema });
  const client = new Client({ connectionString: url });
  await client.connect();
  const writes = new Writes(`"${schema}"`);
  for (const part of partsOf(count)) {
    await writes.make(
      client,
      part.map((stored) => ({ call: "insert", record: recordOf(stored) })),
    );
  }
  await client.query(`vacuum analyze "${schema}".operations`);
  await client.end();
  return store;
}

/** The median of what so many first pages take, in milliseconds. */
async function firstPageMs(store: OperationStore, text: string): Promise<number> {
  const tookMs: number[] = [];
  for (let i = 0; i < CALLS; i++) {
    const beginMs = performance.now();
    const filter = compileFilter(text, TYPES);
    const { operations } = await readPage(store, { parent: "", size: 50, after: undefined, filter });
    tookMs.push(performance.now() - beginMs);
    if (operations.length !== (text.startsWith("name") && !text.includes("*") ? 1 : 50))
      throw new Error(`${text} finds too few`);
  }
  return median(tookMs);
}

await using folder = await temporaryFolder();
await using postgres = await startPostgres({ shared_buffers: "256MB", max_wal_size: "4GB" });
const figures = new Map<string, Figures>();
const databases = {
  SQLite: (count: number) => openSqlite(folder.path, count),
  PostgreSQL: (count: number) => openPostgres(postgres.url, count),
};
for (const [database, open] of Object.entries(databases)) {
  const stores = new Map<number, OperationStore>();
  for (const count of COUNTS) {
    const beginMs = performance.now();
    stores.set(count, await open(count));
    const seconds = (performance.now() - beginMs) / 1_000;
    console.log(`${database}: ${count.toLocaleString("en-US")} operations in ${rounded(seconds)} s`);
  }
  for (let run = 0; run <= RUNS; run++) {
    for (const [count, store] of stores) {
      for (const [what, filter] of Object.entries(filtersOf(count))) {
        const title = `${database}, ${what}`;
        const figure = figures.get(title) ?? new Figures();
        figures.set(title, figure);
        const tookMs = await firstPageMs(store, filter);
        // The first one warms up.
        if (run > 0) figure.note(count.toLocaleString("en-US"), tookMs);
      }
    }
  }
  for (const store of stores.values()) await store[Symbol.asyncDispose]();
}
for (const [title, figure] of figures) figure.print(`${title}: first page, ms`);
console.log();
for (const [title, figure] of figures) {
  judge(`${title}, a million to ten thousand`, figure.ratio("1,000,000", "10,000"), { below: MOST_RATIO });
}
