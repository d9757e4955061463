import { randomUUID } from "node:crypto";
import { PostgresStore } from "longrunning/postgres";
import { Client } from "pg";
import { takeOver } from "../src/operation/transition.ts";
import { recordOf } from "../src/store/operation-record.ts";
import { Writes } from "../src/store/postgres/writes.ts";
import { startPostgres } from "../test/postgres/postgres-server.ts";
import { costOf, Figures, judge, keepInFlight, median } from "./figures.ts";
import { anyOf, endSample, sampleRunning } from "./sample-operations.ts";

// Durable completions and claims through a store in PostgreSQL, beside two bare loops of the same swaps, whose
// values are ready beforehand: batches by unnest on one connection, and one UPDATE a transaction on ten.
// Each run has all of them, one after the other, in one database.
const RUNS = 5;
const IN_FLIGHT = 1_000;
const OPERATIONS = 10_000;
const BATCH = 500;
const CONNECTIONS = 10;
const CLAIM = 100;

const rates = new Figures();
const costs = new Figures();

await using postgres = await startPostgres();

async function note(of: string, count: number, work: () => unknown): Promise<void> {
  const { wallMs, cpuMs } = await costOf(work);
  rates.note(of, count / (wallMs / 1_000));
  costs.note(of, (cpuMs * 1_000) / count);
}

/** Operations that a store keeps and that run, and what becomes of them. */
async function keepRunning(store: PostgresStore, from: number) {
  const operations = Array.from({ length: OPERATIONS }, (_, i) => sampleRunning(from + i));
  await keepInFlight(IN_FLIGHT, operations, (stored) => store.insert(stored));
  return operations.map((stored) => ({ ...endSample(stored), revision: 2 }));
}

async function run(): Promise<void> {
  const schema = randomUUID();
  await using store = await PostgresStore.open(postgres.url, { schema });
  const clients = Array.from({ length: CONNECTIONS }, () => new Client({ connectionString: postgres.url }));
  await Promise.all(clients.map((client) => client.connect()));
  const writes = new Writes(`"${schema}"`);

  const ends = await keepRunning(store, 0);
  await note("completions: store", OPERATIONS, () =>
    keepInFlight(IN_FLIGHT, ends, (next) => store.replace(next)),
  );

  const batched = (await keepRunning(store, OPERATIONS)).map(recordOf);
  await note("completions: unnest, one connection", OPERATIONS, async () => {
    const [client] = clients;
    for (let i = 0; i < OPERATIONS && client !== undefined; i += BATCH) {
      const batch = batched.slice(i, i + BATCH).toSorted((a, b) => (a.name < b.name ? -1 : 1));
      await writes.make(
        client,
        batch.map((record) => ({ call: "replace", record })),
      );
    }
  });

  const single = (await keepRunning(store, 2 * OPERATIONS)).map(recordOf);
  await note("completions: one a transaction, ten connections", OPERATIONS, async () => {
    const left = single.values();
    await Promise.all(
      clients.map(async (client) => {
        for (const record of left) await writes.make(client, [{ call: "replace", record }]);
      }),
    );
  });

  const work = { handler: "bench", input: anyOf("type.googleapis.com/example.v1.ExportRequest", 100) };
  const waiting = Array.from({ length: OPERATIONS }, (_, i) => ({
    ...sampleRunning(3 * OPERATIONS + i),
    owner: undefined,
    work,
  }));
  await keepInFlight(IN_FLIGHT, waiting, (stored) => store.insert(stored));
  await note("claims", OPERATIONS, async () => {
    const claimer = async (owner: string) => {
      while ((await store.claim({ handler: "bench", limit: CLAIM }, takeOver(owner, 0))).length > 0);
    };
    await store.hold("a", 60_000);
    await store.hold("b", 60_000);
    await Promise.all([claimer("a"), claimer("b")]);
  });
  for (const client of clients) await client.end();
}

for (let i = 0; i <= RUNS; i++) {
  await run();
  // The first one warms up.
  if (i > 0) continue;
  rates.clear();
  costs.clear();
}
rates.print(`operations/s, ${IN_FLIGHT} in flight`);
costs.print("this process's processor time, µs per operation");
console.log();
judge(
  "completions, store to unnest on one connection",
  rates.ratio("completions: store", "completions: unnest, one connection"),
  { least: 0.7 },
);
judge(
  "completions, store to one a transaction on ten connections",
  rates.ratio("completions: store", "completions: one a transaction, ten connections"),
  { least: 4 },
);
const claims = median(rates.of("claims"));
judge("claims a second", claims, { least: 10_000 });
