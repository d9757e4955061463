import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import { createOperations } from "longrunning";
import { defineOperationType } from "longrunning/client";
import { PostgresStore } from "longrunning/postgres";
import { startPostgres } from "../test/postgres/postgres-server.ts";
import { judge, percentile } from "./figures.ts";

// How soon work at one server stops that another server cancels, and how soon work is begun at a worker that a server
// has started: from the call to the work's signal, or its first line. One after another, between two stores of one
// PostgreSQL in one process.
const CANCELS = 300;

const Wait = defineOperationType({
  response: EmptySchema,
  onServerLoss: { handler: "bench.Wait", input: EmptySchema },
});

await using postgres = await startPostgres();
const schema = randomUUID();
await using there = await PostgresStore.open(postgres.url, { schema });
await using here = await PostgresStore.open(postgres.url, { schema });
await using server = createOperations({ store: there, runsHandlers: false });
await using worker = createOperations({ store: here });

let begun = Promise.withResolvers<AbortSignal>();
worker.manager.register(Wait, async ({ signal }) => {
  begun.resolve(signal);
  if (!signal.aborted) await once(signal, "abort");
  signal.throwIfAborted();
});

const [starts, cancels]: [number[], number[]] = [[], []];
for (let i = 0; i < CANCELS; i++) {
  begun = Promise.withResolvers();
  const startMs = performance.now();
  const { name } = await server.manager.start(Wait, {});
  const signal = await begun.promise;
  starts.push(performance.now() - startMs);
  const cancelMs = performance.now();
  const stopped = once(signal, "abort");
  await server.manager.cancel(name);
  await stopped;
  cancels.push(performance.now() - cancelMs);
}
for (const [what, values] of [
  ["begun at another server", starts],
  ["stopped at another server", cancels],
] as const) {
  const [p50, p99, longest] = [50, 99, 100].map((percent) => percentile(values, percent).toFixed(1));
  console.log(`${what}: p50 ${p50} ms, p99 ${p99} ms, longest ${longest} ms`);
}
judge("a cancel at another server, p95 in ms", percentile(cancels, 95), { below: 50 });
judge("a cancel at another server, longest in ms", percentile(cancels, 100), { below: 1_000 });
