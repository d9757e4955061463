import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { ask } from "../postgres/ask.ts";
import { hasBaseBackup } from "../postgres/postgres-binaries.ts";
import { type PostgresServer, startPostgres, startStandby } from "../postgres/postgres-server.ts";
import { startProxy } from "../postgres/proxy.ts";
import { until } from "../until.ts";
import { type Cluster, openCluster } from "./cluster.ts";
import { ClusterLoad } from "./cluster-load.ts";
import type { Disturbance } from "./cluster-told.ts";
import { itKeepsItsPromises, reportVerdict, verdictOf } from "./cluster-verdict.ts";
import { cycles } from "./program.ts";

const FAILOVERS = cycles(3);

/** A standby without which no commit is answered. */
async function synchronousStandby(primary: PostgresServer): Promise<PostgresServer> {
  const standby = await startStandby(primary.port);
  await ask(primary.url, "alter system set synchronous_standby_names = 'standby'");
  await ask(primary.url, "select pg_reload_conf()");
  await until(async () => {
    const rows = await ask(primary.url, "select from pg_stat_replication where sync_state = 'sync'");
    return rows.length === 1;
  });
  return standby;
}

/** Loses the primary for good, and lets everybody go to the standby. */
async function failOver(
  cluster: Cluster,
  primary: PostgresServer,
  standby: PostgresServer,
): Promise<Disturbance> {
  const fromMs = Date.now();
  await primary.kill();
  await ask(standby.url, "select pg_promote()");
  for (const { proxy } of cluster.nodes) {
    if (proxy === undefined) throw new Error("the cluster has no proxies");
    proxy.target = standby.port;
    proxy.cutAll();
  }
  return { fromMs, toMs: Date.now() };
}

describe.skipIf(!hasBaseBackup())("F7: a failover to a synchronous standby", () => {
  async function run() {
    await using stack = new AsyncDisposableStack();
    let primary = stack.use(await startPostgres());
    const cluster = stack.use(await openCluster(primary.url, { hasProxies: true }));
    const load = stack.use(new ClusterLoad(cluster.servers));
    const disturbances: Disturbance[] = [];
    for (let failover = 0; failover < FAILOVERS; failover++) {
      const standby = stack.use(await synchronousStandby(primary));
      await pause(1_000 + Math.random() * 500);
      disturbances.push(await failOver(cluster, primary, standby));
      await pause(1_000);
      primary = standby;
    }
    const verdict = await verdictOf(cluster, primary.url, load, disturbances);
    reportVerdict("F7 failover, synchronous", verdict, { cycles: FAILOVERS });
    return verdict;
  }

  itKeepsItsPromises(run, { latestWakeMs: 5_000, timeoutMs: 60_000 + FAILOVERS * 20_000 });
});

describe.skipIf(!hasBaseBackup())("F7: a failover to an asynchronous standby that lags behind", () => {
  it("loses what was acknowledged last: that is what the check is to find", {
    timeout: 120_000,
  }, async () => {
    await using primary = await startPostgres();
    await using cluster = await openCluster(primary.url, { hasProxies: true });
    await using line = await startProxy(primary.port);
    await using standby = await startStandby(line.port);
    await using load = new ClusterLoad(cluster.servers);
    await until(() => load.told.acknowledged > 100);
    line.mode = "hold";
    const before = load.told.acknowledged;
    await until(() => load.told.acknowledged > before + 100);
    const disturbance = await failOver(cluster, primary, standby);
    // Work whose cancel was lost goes on for ten minutes.
    const verdict = await verdictOf(cluster, standby.url, load, [disturbance], 5_000);
    reportVerdict("F7 failover, asynchronous and behind", verdict, { cycles: 1 });
    expect(verdict.lost.length).toBeGreaterThan(0);
  });
});
