import { setTimeout as pause } from "node:timers/promises";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { startPostgres } from "../postgres/postgres-server.ts";
import { until } from "../until.ts";
import { readAudit } from "./audit.ts";
import { type Cluster, openCluster } from "./cluster.ts";
import { ClusterLoad } from "./cluster-load.ts";
import { itKeepsItsPromises, reportVerdict, verdictOf } from "./cluster-verdict.ts";
import { cycles, freeze, report, thaw } from "./program.ts";
import { payloadOf } from "./server.ts";

const CYCLES = cycles(5);
const OPERATIONS = 60;

/** Starts work that goes on to its end, whatever its signal says. */
async function startStubborn({ servers: [server] }: Cluster, durationMs: number): Promise<string[]> {
  const names: string[] = [];
  for (let i = 0; i < OPERATIONS; i++) {
    const request = { duration: durationFromMs(durationMs), payload: `payload ${i}`, ignoreCancel: true };
    const started = await server?.simulator.simulateWork(request);
    if (started !== undefined) names.push(started.name);
  }
  return names;
}

describe("F2: SIGSTOP of a worker beyond its lease", () => {
  it("lets others go on, and fences off what it still ends: one end, which stays", {
    timeout: 60_000,
  }, async () => {
    await using postgres = await startPostgres();
    await using cluster = await openCluster(postgres.url);
    const [, server] = cluster.servers;
    const [worker] = cluster.workers;
    if (server === undefined || worker === undefined) throw new Error("the cluster is too small");
    const names = await startStubborn(cluster, 2_000);
    await until(() => cluster.effects.read().filter(({ what }) => what === "begin").length === OPERATIONS);
    await freeze(worker.program);
    const timeout = durationFromMs(30_000);
    const ends = await Promise.all(names.map((name) => server.operations.waitOperation({ name, timeout })));
    thaw(worker.program);
    const ownBegins = cluster.effects
      .read()
      .filter(({ what, pid }) => what === "begin" && pid === worker.program.pid);
    // Its late ends come to nothing, of which there is no event but what the work itself notes.
    const lateEnds = () =>
      cluster.effects.read().filter(({ what, pid }) => what === "end" && pid === worker.program.pid);
    await until(() => lateEnds().length === ownBegins.length);
    await pause(1_000);
    const again = await Promise.all(names.map((name) => server.operations.getOperation({ name })));
    const { ends: audited, endedTwice } = await readAudit(postgres.url);
    report("F2 SIGSTOP of a worker, lease 1 s", {
      operations: names.length,
      "left to others": ownBegins.length,
      "late ends fenced off": cluster.effects.lateEnds,
      "completed twice": endedTwice.length,
    });
    expect({
      ends: ends.every((end, i) => payloadOf(end)?.startsWith(`payload ${i},`)),
      again: again.map(payloadOf),
      audited,
      endedTwice,
      late: ownBegins.length > 0 && cluster.effects.lateEnds === ownBegins.length,
    }).toEqual({ ends: true, again: ends.map(payloadOf), audited: OPERATIONS, endedTwice: [], late: true });
  });
});

describe("F2: SIGSTOP of any node under load", () => {
  async function run() {
    await using postgres = await startPostgres();
    await using cluster = await openCluster(postgres.url);
    await using load = new ClusterLoad(cluster.servers);
    for (let cycle = 0; cycle < CYCLES; cycle++) {
      await pause(300 + Math.random() * 500);
      const victim = cluster.nodes[Math.floor(Math.random() * cluster.nodes.length)];
      if (victim === undefined) continue;
      await freeze(victim.program);
      await pause(1_500 + Math.random() * 1_000);
      thaw(victim.program);
    }
    const verdict = await verdictOf(cluster, postgres.url, load);
    reportVerdict("F2 SIGSTOP of a server or worker", verdict, { cycles: CYCLES });
    return verdict;
  }

  // Who waits at a server that stands still hears nothing until it goes on, for 2.5 s at most.
  itKeepsItsPromises(run, { latestWakeMs: 7_500, timeoutMs: 60_000 + CYCLES * 6_000 });
});
