import { Code, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { type SpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { beforeAll, describe, expect, it } from "vitest";
import { Operations } from "../../gen/google/longrunning/operations_pb.ts";
import { OperationsWatchService } from "../../gen/longrunning/v1/watch_pb.ts";
import { createTelemetry } from "../../src/telemetry/telemetry.ts";
import { openServer, RUNNING } from "../server/open-server.ts";
import { collectTelemetry, registerContexts, traceParent } from "./collect-telemetry.ts";

const GET = "google.longrunning.Operations/GetOperation";
const WATCH = "longrunning.v1.OperationsWatchService/WatchOperations";
const PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

beforeAll(registerContexts);

/** A server whose calls are told of, and clients of it. */
async function openObserved(direct = true) {
  const collected = collectTelemetry();
  const opened = await openServer({
    direct,
    connect: { interceptors: [collected.telemetry.serverInterceptor] },
  });
  const over = (protocol: "grpc" | "connect", ...interceptors: Interceptor[]) =>
    protocol === "grpc"
      ? createGrpcTransport({ baseUrl: opened.url, interceptors })
      : createConnectTransport({ baseUrl: opened.url, httpVersion: "2", interceptors });
  return {
    ...collected,
    url: opened.url,
    client: (...args: Parameters<typeof over>) => createClient(Operations, over(...args)),
    watch: () => createClient(OperationsWatchService, over("grpc")),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

describe.each([
  ["the direct path", true],
  ["Connect's handlers", false],
])("a call by %s", (_, direct) => {
  it("has a span of the server's by the conventions", async () => {
    await using server = await openObserved(direct);
    await server.client("grpc").getOperation({ name: RUNNING });
    const { kind, attributes, status } = await server.span(GET);
    expect([kind, attributes, status]).toEqual([
      SpanKind.SERVER,
      {
        "rpc.system.name": "grpc",
        "rpc.method": GET,
        "rpc.response.status_code": "OK",
        "server.address": "127.0.0.1",
        "server.port": Number(new URL(server.url).port),
      },
      { code: SpanStatusCode.UNSET },
    ]);
  });

  it("belongs to the trace of its traceparent", async () => {
    await using server = await openObserved(direct);
    await server.client("connect").getOperation({ name: RUNNING }, { headers: { traceparent: PARENT } });
    const { parentSpanContext } = await server.span(GET);
    expect(parentSpanContext && traceParent(parentSpanContext)).toBe(PARENT);
  });

  it.each([
    ["grpc", "NOT_FOUND"],
    ["connect", "not_found"],
  ] as const)(
    "over %s that finds nothing has the code, and is no error of the server's",
    async (protocol, code) => {
      await using server = await openObserved(direct);
      await server
        .client(protocol)
        .getOperation({ name: "operations/none" })
        .catch(() => {});
      const { attributes, status } = await server.span(GET);
      expect([attributes["rpc.response.status_code"], attributes["error.type"], status.code]).toEqual([
        code,
        undefined,
        SpanStatusCode.UNSET,
      ]);
    },
  );

  it("is measured in seconds by method and code", async () => {
    await using server = await openObserved(direct);
    await server.client("grpc").getOperation({ name: RUNNING });
    await server.client("connect").getOperation({ name: RUNNING });
    expect(await server.measured("rpc.server.call.duration")).toEqual([
      {
        attributes: { "rpc.system.name": "grpc", "rpc.method": GET, "rpc.response.status_code": "OK" },
        value: 1,
      },
      { attributes: { "rpc.system.name": "connectrpc", "rpc.method": GET }, value: 1 },
    ]);
  });
});

describe("a call that an SDK cannot be told of", () => {
  const refuse = (): never => {
    throw new Error("the SDK is broken");
  };
  const processors: [when: string, processor: Partial<SpanProcessor>][] = [
    ["begins", { onStart: refuse }],
    ["ends", { onEnd: refuse }],
  ];

  it.each(processors)("because it throws when a span %s, is answered all the same", async (_, processor) => {
    const quiet = { onStart() {}, onEnd() {}, async forceFlush() {}, async shutdown() {} };
    const tracerProvider = new TracerProvider({ spanProcessors: [{ ...quiet, ...processor }] });
    const { serverInterceptor } = createTelemetry({ tracerProvider });
    await using server = await openServer({ connect: { interceptors: [serverInterceptor] } });
    const transport = createGrpcTransport({ baseUrl: server.url });
    const { name } = await createClient(Operations, transport).getOperation({ name: RUNNING });
    expect(name).toBe(RUNNING);
  });
});

describe("calls with whatever a client may send", () => {
  it("make one series for each method and code, and no other", async () => {
    await using server = await openObserved();
    const post = (path: string, headers: Record<string, string>) =>
      fetch(`${server.url}/${path}`, { method: "POST", headers, body: "{}" });
    for (let i = 0; i < 20; i++) {
      const own = { "content-type": "application/json", "x-method": `m${i}`, "user-agent": `u${i}` };
      await post(`google.longrunning.Operations/Method${i}`, own);
      await post(`service${i}.Service/GetOperation`, own);
      await post(GET, { ...own, "content-type": `application/grpc+codec${i}` });
      await post(GET, { ...own, "content-type": `application/json; charset=c${i}` });
      await fetch(`${server.url}/v1/operations/none-${i}?unknown${i}=1`, { headers: own });
      await fetch(`${server.url}/v1/operations/none-${i}`, { headers: own });
    }
    const series = (await server.measured("rpc.server.call.duration")).map(({ attributes }) => attributes);
    expect(series).toEqual([
      { "rpc.system.name": "connectrpc", "rpc.method": GET, "rpc.response.status_code": "not_found" },
    ]);
  });
});

describe("a call", () => {
  it("by REST has the span of its method", async () => {
    await using server = await openObserved();
    await fetch(`${server.url}/v1/${RUNNING}`);
    expect((await server.span(GET)).attributes["rpc.system.name"]).toBe("connectrpc");
  });

  it("that fails by a fault of the server's is an error", async () => {
    await using server = await openObserved();
    const wrong = { name: "operations", returnPartialSuccess: true };
    await server
      .client("grpc")
      .listOperations(wrong)
      .catch(() => {});
    const { attributes, status } = await server.span("google.longrunning.Operations/ListOperations");
    expect([attributes["error.type"], status]).toEqual(["UNIMPLEMENTED", { code: SpanStatusCode.ERROR }]);
  });

  it("of a client's makes the server's span a child of its own", async () => {
    await using server = await openObserved();
    await server.client("grpc", server.telemetry.clientInterceptor).getOperation({ name: RUNNING });
    await server.span(GET);
    const [ofServer, ofClient] = server.spans(GET);
    expect([ofClient?.kind, ofServer?.parentSpanContext?.spanId]).toEqual([
      SpanKind.CLIENT,
      ofClient?.spanContext().spanId,
    ]);
  });

  it("of a client's that fails is an error of the client's", async () => {
    await using server = await openObserved();
    await server
      .client("grpc", server.telemetry.clientInterceptor)
      .getOperation({ name: "operations/none" })
      .catch(() => {});
    const measured = await server.measured("rpc.client.call.duration");
    expect(measured.map(({ attributes }) => attributes)).toEqual([
      {
        "rpc.system.name": "grpc",
        "rpc.method": GET,
        "rpc.response.status_code": "NOT_FOUND",
        "error.type": "NOT_FOUND",
      },
    ]);
  });

  it("that streams ends with its stream", async () => {
    await using server = await openObserved();
    const stop = new AbortController();
    const events = server.watch().watchOperations({ names: [RUNNING] }, { signal: stop.signal });
    let endedBefore: number | undefined;
    await (async () => {
      for await (const _ of events) {
        endedBefore ??= server.spans(WATCH).length;
        stop.abort();
      }
    })().catch((error: unknown) => expect(ConnectError.from(error).code).toBe(Code.Canceled));
    const { attributes } = await server.span(WATCH);
    expect([endedBefore, attributes["rpc.response.status_code"]]).toEqual([0, "CANCELLED"]);
  });
});
