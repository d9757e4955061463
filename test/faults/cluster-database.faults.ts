import { setTimeout as pause } from "node:timers/promises";
import { describe } from "vitest";
import { ask } from "../postgres/ask.ts";
import { type PostgresServer, startPostgres } from "../postgres/postgres-server.ts";
import { openCluster } from "./cluster.ts";
import { ClusterLoad } from "./cluster-load.ts";
import type { Disturbance } from "./cluster-told.ts";
import { itKeepsItsPromises, reportVerdict, verdictOf } from "./cluster-verdict.ts";
import { cycles } from "./program.ts";

const CYCLES = cycles(4);

/** What is done to the database, and how it comes back. */
const FAULTS: readonly {
  readonly name: string;
  readonly strike: (postgres: PostgresServer) => Promise<void>;
}[] = [
  {
    name: "backends that are terminated",
    strike: async ({ url }) => {
      // What a statement was doing is rolled back, or is done and not answered.
      for (let again = 0; again < 10; again++) {
        await ask(
          url,
          "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'longrunning'",
        );
        await pause(50);
      }
    },
  },
  {
    name: "an immediate stop",
    strike: async (postgres) => {
      await postgres.crash();
      await pause(500);
      await postgres.restart();
    },
  },
  {
    name: "kill -9 of its first process",
    strike: async (postgres) => {
      await postgres.kill();
      await postgres.restart();
    },
  },
];

describe.each(FAULTS)("F6: $name of PostgreSQL below a cluster", ({ name, strike }) => {
  async function run() {
    await using postgres = await startPostgres();
    await using cluster = await openCluster(postgres.url);
    await using load = new ClusterLoad(cluster.servers);
    const disturbances: Disturbance[] = [];
    for (let cycle = 0; cycle < CYCLES; cycle++) {
      await pause(1_000 + Math.random() * 500);
      const fromMs = Date.now();
      await strike(postgres);
      disturbances.push({ fromMs, toMs: Date.now() });
    }
    await pause(1_000);
    const verdict = await verdictOf(cluster, postgres.url, load, disturbances);
    reportVerdict(`F6 ${name}`, verdict, { cycles: CYCLES });
    return verdict;
  }

  itKeepsItsPromises(run, { latestWakeMs: 5_000, timeoutMs: 90_000 + CYCLES * 10_000 });
});
