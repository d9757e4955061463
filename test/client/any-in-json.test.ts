import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { createClient, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport as createNodeTransport } from "@connectrpc/connect-node";
import { createConnectTransport } from "@connectrpc/connect-web";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SimulatorService } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import { anyInJson, OperationHandle, Operations } from "../../src/client/index.ts";
import { newStoredOperation } from "../../src/operation/stored-operation.ts";
import { createOperations } from "../../src/server/create-operations.ts";
import { type ListeningServer, serve } from "../../src/server/serve.ts";
import { SimulateWork } from "../../src/simulator/simulate-work.ts";
import { createSimulatorService } from "../../src/simulator/simulator-service.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import { FOREIGN, packed } from "../json/sample-anys.ts";

const NAME = "operations/foreign";

let server: ListeningServer;

beforeEach(async () => {
  const store = new MemoryStore();
  await store.insert(newStoredOperation({ name: NAME, parent: "", metadata: FOREIGN, createTimeMs: 0 }));
  const operations = createOperations({
    store,
    methods: [[SimulatorService.method.simulateWork, SimulateWork]],
  });
  server = await serve({
    operations,
    port: 0,
    routes: (router) => router.service(SimulatorService, createSimulatorService(operations.manager)),
  });
});

afterEach(() => server.close());

const transports = [
  ["connect-web", createConnectTransport],
  [
    "connect-node",
    (options: { baseUrl: string }) =>
      createNodeTransport({ ...options, httpVersion: "1.1", useBinaryFormat: false }),
  ],
] as const;

describe.each(transports)("a client in JSON on %s", (_, createTransport) => {
  it("reads an operation of an unknown type as it is kept", async () => {
    const transport = createTransport({ baseUrl: server.url, ...anyInJson([]) });
    const { metadata } = await createClient(Operations, transport).getOperation({ name: NAME });
    expect(metadata).toEqual(FOREIGN);
  });

  it("does not without the options, and says why", async () => {
    const transport = createTransport({ baseUrl: server.url });
    const asking = createClient(Operations, transport).getOperation({ name: NAME });
    await expect(asking).rejects.toThrow("far.away.Thing is not in the type registry");
  });

  it("reads the result of an operation of its types", async () => {
    const transport = createTransport({ baseUrl: server.url, ...anyInJson([SimulateWork]) });
    const operation = await createClient(SimulatorService, transport).simulateWork({ payload: "mine" });
    const handle = new OperationHandle(createClient(Operations, transport), SimulateWork, operation);
    expect((await handle.result()).payload).toBe("mine");
  });

  it("sends an Any of an unknown type as its bytes", async () => {
    const transport = createTransport({ baseUrl: server.url, ...anyInJson([SimulateWork]) });
    const details = [FOREIGN, packed(StringValueSchema, { value: "known" })];
    const { result } = await createClient(SimulatorService, transport).simulateWork({
      error: { code: 5, message: "it is gone", details },
    });
    expect(result).toMatchObject({ case: "error", value: { details } });
  });
});

describe("the options", () => {
  it("do nothing where messages are binary", async () => {
    const transport = createConnectTransport({
      ...{ baseUrl: server.url, useBinaryFormat: true },
      ...anyInJson([]),
    });
    const { metadata } = await createClient(Operations, transport).getOperation({ name: NAME });
    expect(metadata).toEqual(FOREIGN);
  });

  it("let an interceptor before theirs see what the caller sees", async () => {
    const seen: unknown[] = [];
    const { interceptors, ...options } = anyInJson([]);
    const seeing: Interceptor = (next) => async (request) => {
      const response = await next(request);
      seen.push(response.message);
      return response;
    };
    const transport = createConnectTransport({
      ...{ baseUrl: server.url, ...options },
      interceptors: [seeing, ...interceptors],
    });
    const operation = await createClient(Operations, transport).getOperation({ name: NAME });
    expect(seen).toEqual([operation]);
  });
});
