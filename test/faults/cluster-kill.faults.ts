import { setTimeout as pause } from "node:timers/promises";
import { describe } from "vitest";
import { startPostgres } from "../postgres/postgres-server.ts";
import { openCluster } from "./cluster.ts";
import { ClusterLoad } from "./cluster-load.ts";
import { itKeepsItsPromises, reportVerdict, verdictOf } from "./cluster-verdict.ts";
import { cycles } from "./program.ts";

const CYCLES = cycles(20);

describe("F1: kill -9 of servers and workers on one PostgreSQL", () => {
  async function run() {
    await using postgres = await startPostgres();
    await using cluster = await openCluster(postgres.url);
    await using load = new ClusterLoad(cluster.servers);
    for (let cycle = 0; cycle < CYCLES; cycle++) {
      await pause(200 + Math.random() * 800);
      const victim = cluster.nodes[Math.floor(Math.random() * cluster.nodes.length)];
      await victim?.program.kill();
      await victim?.start();
    }
    const verdict = await verdictOf(cluster, postgres.url, load);
    reportVerdict("F1 kill -9 of a server or worker", verdict, { cycles: CYCLES });
    return verdict;
  }

  itKeepsItsPromises(run, { latestWakeMs: 5_000, timeoutMs: 60_000 + CYCLES * 5_000 });
});
