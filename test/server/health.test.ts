import { type Client, Code, createClient, createRouterTransport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { describe, expect, it } from "vitest";
import { Health, HealthCheckResponse_ServingStatus as ServingStatus } from "../../gen/health/v1/health_pb.ts";
import { HealthService } from "../../src/server/health-service.ts";
import { errorInfosOf, refusalOf } from "../service/refusal.ts";
import { type OpenServer, openServer } from "./open-server.ts";

describe("grpc.health.v1", () => {
  it.each([
    "",
    "google.longrunning.Operations",
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "longrunning.testing.v1.SimulatorService",
    "longrunning.v1.OperationsWatchService",
  ])("says that %j serves", async (service) => {
    await using server = await openServer();
    using health = overGrpc(server);
    expect((await health.client.check({ service })).status).toBe(ServingStatus.SERVING);
  });

  it("answers over Connect and HTTP/1.1 too", async () => {
    await using server = await openServer();
    const transport = createConnectTransport({ baseUrl: server.url, httpVersion: "1.1" });
    expect((await createClient(Health, transport).check({})).status).toBe(ServingStatus.SERVING);
  });

  it("does not find a service that is not mounted", async () => {
    await using server = await openServer();
    using health = overGrpc(server);
    await expect(health.client.check({ service: "no.Such" })).rejects.toMatchObject({ code: Code.NotFound });
  });

  it("says why it does not find one", async () => {
    await using server = await openServer({ create: { errorDomain: "health.example.com" } });
    using health = overGrpc(server);
    const error = await refusalOf(health.client.check({ service: "no.Such" }));
    expect(errorInfosOf(error)).toMatchObject([
      { reason: "SERVICE_NOT_FOUND", domain: "health.example.com", metadata: { service: "no.Such" } },
    ]);
  });

  it("lists every service and the server as a whole", async () => {
    await using server = await openServer();
    using health = overGrpc(server);
    const { statuses } = await health.client.list({});
    expect(Object.keys(statuses).sort()).toEqual([
      "",
      "google.longrunning.Operations",
      "grpc.health.v1.Health",
      "grpc.reflection.v1.ServerReflection",
      "grpc.reflection.v1alpha.ServerReflection",
      "longrunning.testing.v1.SimulatorService",
      "longrunning.v1.OperationsWatchService",
    ]);
  });

  it("tells who watches that the server stops, and ends the call", async () => {
    await using server = await openServer({ graceMs: 600_000 });
    using health = overGrpc(server);
    const seen: ServingStatus[] = [];
    for await (const { status } of health.client.watch({ service: "google.longrunning.Operations" })) {
      seen.push(status);
      if (status === ServingStatus.SERVING) void server.server.close();
    }
    expect(seen).toEqual([ServingStatus.SERVING, ServingStatus.NOT_SERVING]);
  });

  it("tells who begins to watch when it stops already, once", async () => {
    const service = new HealthService(() => ["a.Service"]);
    service.stop();
    const transport = createRouterTransport((router) => router.service(Health, service));
    const seen: ServingStatus[] = [];
    for await (const { status } of createClient(Health, transport).watch({ service: "a.Service" })) {
      seen.push(status);
    }
    expect(seen).toEqual([ServingStatus.NOT_SERVING]);
  });

  it("tells who watches an unknown service that it is unknown, and nothing else", async () => {
    await using server = await openServer({ graceMs: 600_000 });
    using health = overGrpc(server);
    const seen: ServingStatus[] = [];
    for await (const { status } of health.client.watch({ service: "no.Such" })) {
      seen.push(status);
      void server.server.close();
    }
    expect(seen).toEqual([ServingStatus.SERVICE_UNKNOWN]);
  });

  it("forgets who stops to watch", async () => {
    await using server = await openServer({ graceMs: 600_000 });
    using health = overGrpc(server);
    const leave = new AbortController();
    const watching = (async () => {
      for await (const _ of health.client.watch({}, { signal: leave.signal })) leave.abort();
    })();
    await watching.catch(() => {});
    await server.server.close();
    expect(server.logged).toEqual([]);
  });
});

function overGrpc({ url }: OpenServer): { readonly client: Client<typeof Health> } & Disposable {
  const sessionManager = new Http2SessionManager(url);
  const client = createClient(Health, createGrpcTransport({ baseUrl: url, sessionManager }));
  return { client, [Symbol.dispose]: () => sessionManager.abort() };
}
