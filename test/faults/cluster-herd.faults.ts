import { setTimeout as pause } from "node:timers/promises";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { expect, it } from "vitest";
import { Operations } from "../../gen/google/longrunning/operations_pb.ts";
import { waitForOperation } from "../../src/client/wait-for-operation.ts";
import { PostgresStore } from "../../src/store/postgres/postgres-store.ts";
import { ended, running } from "../../src/testing/store-contract/sample-operations.ts";
import { ask } from "../postgres/ask.ts";
import { startPostgres } from "../postgres/postgres-server.ts";
import { until } from "../until.ts";
import { openCluster } from "./cluster.ts";
import { cycles, report } from "./program.ts";

const WAITERS = cycles(10_000, "FAULT_WAITERS");

/** How many calls go over one connection. */
const CALLS_OF_CONNECTION = 900;

/** What a waiter may cost a server, in KiB of resident memory, and what the server costs by itself, in MiB. */
const MOST_KIB_OF_WAITER = 100;
const MOST_MIB_OF_SERVER = 250;

/** How many connections a node has to the database at most: its pool, and one each to listen and for leases. */
const MOST_CONNECTIONS_OF_NODE = 12;

/** How long after their ends the last one may be told. */
const LATEST_MS = 15_000;

/** Measures something again and again until it is disposed of. */
function measuring(measure: () => Promise<void>): AsyncDisposable {
  let isOver = false;
  const going = (async () => {
    while (!isOver) {
      // There is nothing to measure while the database is away.
      await measure().catch(() => {});
      await pause(200);
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      isOver = true;
      await going;
    },
  };
}

it(`F13: ${WAITERS} who wait at three servers are all answered when the database comes back`, {
  timeout: 120_000 + WAITERS * 10,
}, async () => {
  await using postgres = await startPostgres();
  await using cluster = await openCluster(postgres.url, { workers: 0 });
  await using store = await PostgresStore.open(postgres.url);
  // Work of somebody whose lease outlasts the test.
  await store.hold("somebody", 3_600_000);
  const operations = Array.from({ length: WAITERS }, (_, i) => running(String(i), { owner: "somebody" }));
  await Promise.all(operations.map((operation) => store.insert(operation)));

  let most = 0;
  let residentMiB = 0;
  const before = Math.max(...cluster.servers.map((server) => server.residentMiB));
  const measure = async () => {
    residentMiB = Math.max(residentMiB, ...cluster.servers.map((server) => server.residentMiB));
    const [row] = await ask<{ count: string }>(
      postgres.url,
      "select count(*) from pg_stat_activity where application_name = 'longrunning'",
    );
    most = Math.max(most, Number(row?.count));
  };
  await using _measuring = measuring(measure);

  const sessions: Http2SessionManager[] = [];
  const answeredAtMs: number[] = [];
  const waits: Promise<boolean>[] = [];
  const reached: Promise<unknown>[] = [];
  for (let i = 0; i < WAITERS; i += CALLS_OF_CONNECTION) {
    const server = cluster.servers[sessions.length % cluster.servers.length];
    if (server === undefined) throw new Error("the cluster has no servers");
    const sessionManager = new Http2SessionManager(server.url);
    sessions.push(sessionManager);
    const client = createClient(Operations, createGrpcTransport({ baseUrl: server.url, sessionManager }));
    const own = operations.slice(i, i + CALLS_OF_CONNECTION);
    for (const { name } of own) {
      const wait = waitForOperation(client, name, { maxWaitFailures: 1_000 });
      waits.push(
        wait.then(({ done }) => {
          answeredAtMs.push(performance.now());
          return done;
        }),
      );
    }
    // It goes over the same connection, behind them.
    const { name = "" } = own[0] ?? {};
    const isAnswered = () =>
      client.getOperation({ name }).then(
        () => true,
        () => false,
      );
    reached.push(until(isAnswered, 60_000));
  }
  await Promise.all(reached);
  await pause(2_000);
  const waitingMiB = Math.max(...cluster.servers.map((server) => server.residentMiB));
  await postgres.crash();
  await pause(1_000);
  await postgres.restart();

  const endsFromMs = performance.now();
  const insist = async (i: number) => {
    for (;;) {
      try {
        const stored = await store.get(`operations/${i}`);
        if (stored === undefined) throw new Error(`operation ${i} is gone`);
        if (stored.message.done || (await store.replace(ended(stored, Date.now())))) return;
      } catch {
        await pause(100);
      }
    }
  };
  await Promise.all(operations.map((_, i) => insist(i)));
  const endedAtMs = performance.now();
  const done = await Promise.all(waits);
  const lateMs = Math.max(...answeredAtMs) - endedAtMs;
  for (const session of sessions) session.abort();
  report("F13 restart of PostgreSQL below a herd", {
    waiters: WAITERS,
    answered: done.length,
    "without an end": done.filter((isDone) => !isDone).length,
    "ends written in": `${Math.round(endedAtMs - endsFromMs)} ms`,
    "the last told after": `${Math.round(lateMs)} ms`,
    "resident memory of a server": `${before} MiB before, ${waitingMiB} MiB with those who wait, ${residentMiB} MiB at most`,
    "connections to PostgreSQL": `${most} at most of 4 processes`,
  });
  expect({
    unended: done.filter((isDone) => !isDone).length,
    late: lateMs > LATEST_MS,
    crowded: most > MOST_CONNECTIONS_OF_NODE * 4,
    large: residentMiB > MOST_MIB_OF_SERVER + ((WAITERS / 3) * MOST_KIB_OF_WAITER) / 1024,
  }).toEqual({ unended: 0, late: false, crowded: false, large: false });
});
