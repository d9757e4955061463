import { setTimeout as pause } from "node:timers/promises";
import { describe } from "vitest";
import { startPostgres } from "../postgres/postgres-server.ts";
import { openCluster } from "./cluster.ts";
import { ClusterLoad } from "./cluster-load.ts";
import type { Disturbance } from "./cluster-told.ts";
import { itKeepsItsPromises, reportVerdict, verdictOf } from "./cluster-verdict.ts";
import { cycles } from "./program.ts";

const CYCLES = cycles(12);

/** How often the database dies as well: each third time that a server or worker does. */
const DATABASE_EVERY = 3;

describe("F1 and F6 at once: kill -9 of servers, workers and the database", () => {
  async function run() {
    await using postgres = await startPostgres();
    await using cluster = await openCluster(postgres.url);
    await using load = new ClusterLoad(cluster.servers);
    const disturbances: Disturbance[] = [];
    for (let cycle = 0; cycle < CYCLES; cycle++) {
      await pause(300 + Math.random() * 700);
      const victim = cluster.nodes[Math.floor(Math.random() * cluster.nodes.length)];
      const fromMs = Date.now();
      const databaseDies = cycle % DATABASE_EVERY === 0;
      await Promise.all([victim?.program.kill(), databaseDies && postgres.kill()]);
      if (databaseDies) await postgres.restart();
      // A node that starts before its database listens gives up, as it is meant to: it would be started again.
      await victim?.start();
      if (databaseDies) disturbances.push({ fromMs, toMs: Date.now() });
    }
    const verdict = await verdictOf(cluster, postgres.url, load, disturbances);
    reportVerdict("F1 + F6 kill -9 of a node and of PostgreSQL", verdict, { cycles: CYCLES });
    return verdict;
  }

  itKeepsItsPromises(run, { latestWakeMs: 5_000, timeoutMs: 90_000 + CYCLES * 10_000 });
});
