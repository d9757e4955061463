import { create, createRegistry, isMessage, type JsonValue } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import {
  type ConnectRouterOptions,
  createClient,
  type Interceptor,
  type Transport,
} from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { OperationSchema, Operations } from "../../gen/google/longrunning/operations_pb.ts";
import { ServerReflection } from "../../gen/grpc/reflection/v1/reflection_pb.ts";
import { Health } from "../../gen/health/v1/health_pb.ts";
import { SimulatorService } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import { OperationsWatchService, WatchOperationsResponseSchema } from "../../gen/longrunning/v1/watch_pb.ts";
import { newStoredOperation } from "../../src/operation/stored-operation.ts";
import { createOperations } from "../../src/server/create-operations.ts";
import { serve } from "../../src/server/serve.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import { EchoService, PartSchema } from "../rest/gen/echo/v1/echo_pb.ts";
import { grpc, protocols } from "../service/protocols.ts";
import { callHttp1 } from "./calls.ts";
import { openServer, RUNNING } from "./open-server.ts";
import { GET_OPERATION } from "./raw-http.ts";

const THING = "/echo.v1.EchoService/GetThing";

/** A method of each service that a server under test has, and a call of it. */
const CALLS: readonly (readonly [method: string, call: (transport: Transport) => Promise<unknown>])[] = [
  ["GetOperation", (transport) => createClient(Operations, transport).getOperation({ name: RUNNING })],
  ["Check", (transport) => createClient(Health, transport).check({})],
  ["SimulateWork", (transport) => createClient(SimulatorService, transport).simulateWork({})],
];

describe("the interceptors of a server", () => {
  describe.each(protocols)("see over $name", ({ connect }) => {
    it.each(CALLS)("a call of %s", async (method, call) => {
      const { seen, options } = seeing();
      await using server = await openServer({ connect: options });
      using connection = connect(server.url);
      await call(connection.transport);
      expect(seen).toEqual([method]);
    });
  });

  it("see a call of reflection", async () => {
    const { seen, options } = seeing();
    await using server = await openServer({ connect: options });
    using connection = grpc.connect(server.url);
    const client = createClient(ServerReflection, connection.transport);
    for await (const _ of client.serverReflectionInfo(nothing())) break;
    expect(seen).toEqual(["ServerReflectionInfo"]);
  });

  it.each([
    ["GetOperation", `/v1/${RUNNING}`, { method: "GET" }],
    ["SimulateWork", "/v1/simulator:simulateWork", { method: "POST", body: "{}" }],
  ])("see a call of %s by REST", async (method, path, init) => {
    const { seen, options } = seeing();
    await using server = await openServer({ connect: options });
    const headers = { "content-type": "application/json" };
    await (await fetch(`${server.url}${path}`, { ...init, headers })).text();
    expect(seen).toEqual([method]);
  });
});

describe.each(protocols)("an interceptor that changes an answer, over $name", ({ connect }) => {
  it("does not change what is kept", async () => {
    await using server = await openServer({ connect: { interceptors: [shouting] } });
    using connection = connect(server.url);
    const client = createClient(Operations, connection.transport);
    const first = await client.getOperation({ name: RUNNING });
    const second = await client.getOperation({ name: RUNNING });
    expect([first.name, second.name]).toEqual([`${RUNNING}!`, `${RUNNING}!`]);
  });

  it("does not change what is kept where it changes a stream", async () => {
    await using server = await openServer({ connect: { interceptors: [shoutingInStreams] } });
    using connection = connect(server.url);
    const client = createClient(OperationsWatchService, connection.transport);
    const shown = async () => {
      for await (const { event } of client.watchOperations({})) {
        if (event.case === "operation") return event.value.name;
      }
      return "nothing";
    };
    expect([await shown(), await shown()]).toEqual([`${RUNNING}!`, `${RUNNING}!`]);
  });
});

describe("the JSON options of a server", () => {
  it("are those of Operations", async () => {
    await using server = await openServer({ connect: { jsonOptions: { alwaysEmitImplicit: true } } });
    expect(await (await callHttp1(server.url)).json()).toEqual({ name: RUNNING, done: false });
  });

  it("are those of a service of its user", async () => {
    await using server = await openEcho({ jsonOptions: { useProtoFieldName: true } });
    expect(await (await callHttp1(server.url, {}, THING)).json()).toEqual({ small_ratio: 0.5 });
  });

  it("give way to those of one service", async () => {
    const own = { jsonOptions: { useProtoFieldName: false } };
    await using server = await openEcho({ jsonOptions: { useProtoFieldName: true } }, own);
    expect(await (await callHttp1(server.url, {}, THING)).json()).toEqual({ smallRatio: 0.5 });
  });

  it.each([
    ["Connect", { method: "POST", path: GET_OPERATION, body: JSON.stringify({ name: RUNNING }) }],
    ["REST", { method: "GET", path: `/v1/${RUNNING}` }],
  ])("tell of types that an operation may carry, over %s", async (_, { path, ...init }) => {
    await using server = await openWithPart({ jsonOptions: { registry: createRegistry(PartSchema) } });
    const headers = { "content-type": "application/json" };
    const answer: { metadata?: JsonValue } = await (
      await fetch(`${server.url}${path}`, { ...init, headers })
    ).json();
    expect(answer.metadata).toEqual({ "@type": "type.googleapis.com/echo.v1.Part", name: "wheel" });
  });
});

describe("a protocol that a server leaves out", () => {
  it.each<[name: string, contentType: string, options: ConnectRouterOptions]>([
    ["gRPC", "application/grpc", { grpc: false }],
    ["gRPC-Web", "application/grpc-web", { grpcWeb: false }],
    ["Connect", "application/json", { connect: false }],
  ])("is not spoken: %s", async (_, contentType, options) => {
    await using server = await openServer({ connect: options });
    expect((await callHttp1(server.url, { "content-type": contentType })).status).toBe(415);
  });

  it("is spoken by a service that asks for it", async () => {
    await using server = await openEcho({ connect: false }, { connect: true });
    expect((await callHttp1(server.url, {}, THING)).status).toBe(200);
  });
});

/** Options with an interceptor, and the names of the methods that it saw. */
function seeing() {
  const seen: string[] = [];
  const options: ConnectRouterOptions = {
    interceptors: [
      (next) => (request) => {
        seen.push(request.method.name);
        return next(request);
      },
    ],
  };
  return { seen, options };
}

async function* nothing() {}

/** A server with options, and a service with options of its own. */
function openEcho(connect: ConnectRouterOptions, own?: ConnectRouterOptions) {
  return openServer({
    connect,
    rest: false,
    routes: (router) => router.service(EchoService, { getThing: () => ({ smallRatio: 0.5 }) }, own),
  });
}

/** A server that keeps an operation whose metadata is of a type that no service has. */
async function openWithPart(connect: ConnectRouterOptions) {
  const store = new MemoryStore();
  const metadata = anyPack(PartSchema, create(PartSchema, { name: "wheel" }));
  await store.insert(newStoredOperation({ name: RUNNING, parent: "", createTimeMs: 0, metadata }));
  return await serve({ operations: createOperations({ store }), port: 0, graceMs: 0, connect });
}

/** Adds a mark to the name of every operation that is answered. */
const shouting: Interceptor = (next) => async (request) => {
  const answer = await next(request);
  if (!answer.stream && isMessage(answer.message, OperationSchema)) answer.message.name += "!";
  return answer;
};

/** Adds a mark to the name of every operation that a stream tells of. */
const shoutingInStreams: Interceptor = (next) => async (request) => {
  const answer = await next(request);
  if (!answer.stream) return answer;
  return { ...answer, message: shouted(answer.message) };
};

async function* shouted<Event extends object>(events: AsyncIterable<Event>): AsyncIterable<Event> {
  for await (const message of events) {
    if (isMessage(message, WatchOperationsResponseSchema) && message.event.case === "operation") {
      message.event.value.name += "!";
    }
    yield message;
  }
}
