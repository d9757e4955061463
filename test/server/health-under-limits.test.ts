import { createClient } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { describe, expect, it } from "vitest";
import { Health, HealthCheckResponse_ServingStatus as ServingStatus } from "../../gen/health/v1/health_pb.ts";
import { SimulateWork } from "../../src/simulator/simulate-work.ts";
import { forever } from "../manager/open-manager.ts";
import { until } from "../until.ts";
import { answerOf, callHttp1, connectHttp2, sendHttp2 } from "./calls.ts";
import { type OpenServer, openServer, RUNNING } from "./open-server.ts";
import { closed, WAIT_OPERATION } from "./raw-http.ts";

/** A server of which every limit is reached; `health` is a connection that was made before. */
async function openExhausted() {
  const server = await openServer({
    ...{ maxConnections: 4, maxCallsPerSecond: 1, maxCallsPerSecondPerPrincipal: 1 },
    create: { maxWaits: 1, maxWaitsPerPrincipal: 1, maxRunning: 1, maxRunningPerPrincipal: 1 },
  });
  const sessions = new Http2SessionManager(server.url);
  const health = createClient(Health, createGrpcTransport({ baseUrl: server.url, sessionManager: sessions }));
  await health.check({});
  await server.operations.manager.start(SimulateWork, forever, { principal: "a" });
  const waiter = connectHttp2(server.url);
  await waitOnce(server, waiter);
  await fillConnections(server, 2);
  await callHttp1(server.url).catch(() => {});
  return {
    server,
    health,
    async [Symbol.asyncDispose]() {
      sessions.abort();
      waiter.destroy();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function waitOnce(server: OpenServer, session: ReturnType<typeof connectHttp2>): Promise<void> {
  const stream = sendHttp2(session, { ":path": WAIT_OPERATION });
  void answerOf(stream);
  stream.end(JSON.stringify({ name: RUNNING }));
  await until(() => server.operations.service.waiting === 1);
}

async function fillConnections(server: OpenServer, count: number): Promise<void> {
  for (let i = 0; i < count; i++) server.connect();
  const extra = server.connect();
  await closed(extra);
}

describe("a health check on an open connection", () => {
  it("is answered though every limit is reached", async () => {
    await using exhausted = await openExhausted();
    expect((await exhausted.health.check({})).status).toBe(ServingStatus.SERVING);
  });

  it("is answered a thousand times though every limit is reached", async () => {
    await using exhausted = await openExhausted();
    const checks = await Promise.all(Array.from({ length: 1_000 }, () => exhausted.health.check({})));
    expect(new Set(checks.map(({ status }) => status))).toEqual(new Set([ServingStatus.SERVING]));
  });
});
