import { setTimeout as pause } from "node:timers/promises";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { waitForOperation } from "../../src/client/wait-for-operation.ts";
import { startPostgres } from "../postgres/postgres-server.ts";
import type { TcpProxy } from "../postgres/proxy.ts";
import { until } from "../until.ts";
import { readAudit } from "./audit.ts";
import { openCluster } from "./cluster.ts";
import { ClusterLoad } from "./cluster-load.ts";
import type { ClusterNode } from "./cluster-node.ts";
import type { Disturbance } from "./cluster-told.ts";
import { itKeepsItsPromises, reportVerdict, verdictOf } from "./cluster-verdict.ts";
import { cycles, report } from "./program.ts";
import { payloadOf } from "./server.ts";

const CYCLES = cycles(4);

/** How long a question to the database may take, and a connection be made, and as long again for a slow machine. */
const BOUND_MS = 40_000;

/** A client that was refused asks again after ten seconds at most; then its server looks within two. */
const LATEST_WAKE_MS = 15_000;

const FAULTS: readonly { readonly name: string; readonly strike: (proxy: TcpProxy) => Promise<void> }[] = [
  {
    name: "cut",
    strike: async (proxy) => proxy.cutAll(),
  },
  {
    name: "reset",
    strike: async (proxy) => proxy.resetAll(),
  },
  {
    name: "delayed by 100 ms each way",
    strike: async (proxy) => {
      proxy.delayMs = 100;
      await pause(2_000);
      proxy.delayMs = 0;
    },
  },
  {
    name: "refused for longer than a lease",
    strike: async (proxy) => {
      proxy.mode = "refuse";
      await pause(2_500);
      proxy.mode = "pass";
    },
  },
  {
    name: "half open for longer than a lease",
    strike: async (proxy) => {
      proxy.mode = "hold";
      await pause(2_500);
      // Whoever was silent has forgotten the connections.
      proxy.mode = "refuse";
      proxy.mode = "pass";
    },
  },
];

function proxyOf({ name, proxy }: ClusterNode): TcpProxy {
  if (proxy === undefined) throw new Error(`${name} has no proxy`);
  return proxy;
}

describe.each(FAULTS)("F8: connections of a node to PostgreSQL that are $name", ({ name, strike }) => {
  async function run() {
    await using postgres = await startPostgres();
    await using cluster = await openCluster(postgres.url, { hasProxies: true });
    await using load = new ClusterLoad(cluster.servers);
    const disturbances: Disturbance[] = [];
    for (let cycle = 0; cycle < CYCLES; cycle++) {
      await pause(500 + Math.random() * 1_000);
      // A server and a worker by turns.
      const nodes = cycle % 2 === 0 ? cluster.servers : cluster.workers;
      const victim = nodes[Math.floor(Math.random() * nodes.length)];
      if (victim === undefined) continue;
      const fromMs = Date.now();
      await strike(proxyOf(victim));
      disturbances.push({ at: victim.name, fromMs, toMs: Date.now() });
    }
    await pause(500);
    const verdict = await verdictOf(cluster, postgres.url, load, disturbances);
    reportVerdict(`F8 connections ${name}`, verdict, { cycles: CYCLES });
    return verdict;
  }

  itKeepsItsPromises(run, { latestWakeMs: 5_000, timeoutMs: 90_000 + CYCLES * 10_000 });
});

describe("F8: a server whose connections are half open", () => {
  it("refuses every call in time, and goes on when they are back", { timeout: 180_000 }, async () => {
    await using postgres = await startPostgres();
    await using cluster = await openCluster(postgres.url, { hasProxies: true, workers: 1 });
    const [victim, other] = cluster.servers;
    if (victim === undefined || other === undefined) throw new Error("the cluster is too small");
    const start = () => victim.simulator.simulateWork({ duration: durationFromMs(600_000), payload: "a" });
    const { name } = await start();
    // As clients wait: again, where the server was not available.
    const waiting = waitForOperation(victim.operations, name, { longPollMs: 60_000 });
    waiting.catch(() => {});
    proxyOf(victim).mode = "hold";
    const outcomeOf = async (call: Promise<unknown>) => {
      const fromMs = performance.now();
      const error = await call.then(
        () => undefined,
        (error: unknown) => ConnectError.from(error),
      );
      return {
        code: error === undefined ? "OK" : Code[error.code],
        tookMs: Math.round(performance.now() - fromMs),
      };
    };
    const calls = {
      start: start(),
      get: victim.operations.getOperation({ name }),
      list: victim.operations.listOperations({ name: "operations" }),
      cancel: victim.operations.cancelOperation({ name }),
      "get with a deadline of 1 s": victim.operations.getOperation({ name }, { timeoutMs: 1_000 }),
    };
    const outcomes = await Promise.all(
      Object.entries(calls).map(async ([what, call]) => ({ what, ...(await outcomeOf(call)) })),
    );
    // Of what went on meanwhile the server could not hear.
    await other.operations.cancelOperation({ name });
    proxyOf(victim).mode = "refuse";
    proxyOf(victim).mode = "pass";
    const backAtMs = performance.now();
    const { done } = await waiting;
    const wokenAfterMs = Math.round(performance.now() - backAtMs);
    report("F8 a server whose connections are half open", {
      ...Object.fromEntries(outcomes.map(({ what, code, tookMs }) => [what, `${code} after ${tookMs} ms`])),
      waiter: `${wokenAfterMs} ms after the connections were back`,
    });
    expect({
      codes: outcomes.map(({ code }) => code),
      late: outcomes.filter(({ tookMs }) => tookMs > BOUND_MS),
      woken: done && wokenAfterMs < LATEST_WAKE_MS,
    }).toEqual({
      codes: ["Unavailable", "Unavailable", "Unavailable", "Unavailable", "DeadlineExceeded"],
      late: [],
      woken: true,
    });
  });
});

describe("F8: a worker that is cut off", () => {
  it("loses its lease, and what it still ends changes nothing", { timeout: 120_000 }, async () => {
    await using postgres = await startPostgres();
    await using cluster = await openCluster(postgres.url, { hasProxies: true });
    const [server] = cluster.servers;
    if (server === undefined) throw new Error("the cluster is too small");
    const started = Array.from({ length: 60 }, (_, i) =>
      server.simulator.simulateWork({
        duration: durationFromMs(3_000),
        payload: `payload ${i}`,
        ignoreCancel: true,
      }),
    );
    const names = (await Promise.all(started)).map(({ name }) => name);
    const begins = () => cluster.effects.read().filter(({ what }) => what === "begin");
    await until(() => begins().length === names.length);
    const busiest = cluster.workers.toSorted((a, b) => begunBy(b) - begunBy(a))[0];
    function begunBy({ program }: ClusterNode): number {
      return begins().filter(({ pid }) => pid === program.pid).length;
    }
    if (busiest === undefined) throw new Error("the cluster has no workers");
    const own = begunBy(busiest);
    proxyOf(busiest).mode = "hold";
    const timeout = durationFromMs(60_000);
    const ends = await Promise.all(names.map((name) => server.operations.waitOperation({ name, timeout })));
    proxyOf(busiest).mode = "refuse";
    proxyOf(busiest).mode = "pass";
    // Long enough for it to write its ends again, which it tries after half a second, and then after a second.
    await pause(5_000);
    const again = await Promise.all(names.map((name) => server.operations.getOperation({ name })));
    const { endedTwice } = await readAudit(postgres.url);
    report("F8 a worker that is cut off, lease 1 s", {
      operations: names.length,
      "left to others": own,
      "late ends fenced off": cluster.effects.lateEnds,
      "completed twice": endedTwice.length,
    });
    expect({
      unchanged: again.map(payloadOf),
      endedTwice,
      late: own > 0 && cluster.effects.lateEnds === own,
    }).toEqual({ unchanged: ends.map(payloadOf), endedTwice: [], late: true });
  });
});

describe("F8: a server that does not learn what became of a start", () => {
  it("takes nothing back that another server has answered with", { timeout: 180_000 }, async () => {
    await using postgres = await startPostgres();
    await using cluster = await openCluster(postgres.url, { hasProxies: true, servers: 2, workers: 0 });
    const [victim, other] = cluster.servers;
    if (victim === undefined || other === undefined) throw new Error("the cluster is too small");
    const proxy = proxyOf(victim);
    const request = { duration: durationFromMs(600_000), payload: "a", requestId: crypto.randomUUID() };
    // It has its lease, and connections.
    await victim.simulator.simulateWork({ duration: durationFromMs(600_000), payload: "first" });
    proxy.spoilNextCommit("cut after");
    const fromMs = performance.now();
    const refused = victim.simulator
      .simulateWork(request)
      .catch((error: unknown) => ConnectError.from(error).code);
    await proxy.spoiled();
    proxy.mode = "refuse";
    const { name } = await other.simulator.simulateWork(request);
    const code = await refused;
    const refusedAfterMs = Math.round(performance.now() - fromMs);
    proxy.mode = "pass";
    // It is back when it answers, and what it was to make up for it tries within a second.
    await until(() =>
      victim.operations.listOperations({ name: "operations" }).then(
        () => true,
        () => false,
      ),
    );
    await pause(3_000);
    const kept = await other.operations
      .getOperation({ name })
      .catch((error: unknown) => ConnectError.from(error).code);
    report("F8 a start of unknown outcome", { "refused after": `${refusedAfterMs} ms` });
    expect([code, typeof kept === "object" ? kept.name : Code[kept]]).toEqual([Code.Unavailable, name]);
  });
});
