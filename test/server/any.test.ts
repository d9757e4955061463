import { clone, create, type JsonObject, type JsonValue, toBinary } from "@bufbuild/protobuf";
import { type Any, StringValueSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type ConnectRouter, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { describe, expect, it } from "vitest";
import { type Operation, OperationSchema, Operations } from "../../gen/google/longrunning/operations_pb.ts";
import { type Status, StatusSchema } from "../../gen/google/rpc/status_pb.ts";
import { SimulatorService } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import { errorOfStatus } from "../../src/operation/errors.ts";
import { newStoredOperation } from "../../src/operation/stored-operation.ts";
import { complete, type OperationResult } from "../../src/operation/transition.ts";
import { createOperations } from "../../src/server/create-operations.ts";
import { serve } from "../../src/server/serve.ts";
import { SimulateWork } from "../../src/simulator/simulate-work.ts";
import { createSimulatorService } from "../../src/simulator/simulator-service.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import { BROKEN, BROKEN_JSON, FOREIGN, FOREIGN_JSON, packed } from "../json/sample-anys.ts";
import { envelope } from "./calls.ts";

const KNOWN = packed(StringValueSchema, { value: "known" });
const KNOWN_JSON = { "@type": "type.googleapis.com/google.protobuf.StringValue", value: "known" };

/** What a server keeps, and its JSON. */
const FOREIGN_OPERATION = {
  name: "operations/1-foreign",
  metadata: FOREIGN,
  result: { case: "response", value: BROKEN },
} as const;
const FOREIGN_OPERATION_JSON = {
  name: "operations/1-foreign",
  metadata: FOREIGN_JSON,
  done: true,
  response: BROKEN_JSON,
};
const FAILED_OPERATION = {
  name: "operations/2-failed",
  metadata: KNOWN,
  result: { case: "error", value: statusWith(KNOWN, FOREIGN) },
} as const;
const FAILED_OPERATION_JSON = {
  name: "operations/2-failed",
  metadata: KNOWN_JSON,
  done: true,
  error: { code: 5, message: "it is gone", details: [KNOWN_JSON, FOREIGN_JSON] },
};

describe("an operation of unknown types, in JSON", () => {
  it.each(["GetOperation", "WaitOperation"])("is what %s answers", async (rpc) => {
    await using server = await openForeign();
    expect(await server.call(rpc, { name: FOREIGN_OPERATION.name })).toEqual(FOREIGN_OPERATION_JSON);
  });

  it("shows the known ones beside the unknown ones in its error", async () => {
    await using server = await openForeign();
    expect(await server.call("GetOperation", { name: FAILED_OPERATION.name })).toEqual(FAILED_OPERATION_JSON);
  });

  it("stands on its page with all others", async () => {
    await using server = await openForeign();
    expect(await server.call("ListOperations", {})).toEqual({
      operations: [FOREIGN_OPERATION_JSON, FAILED_OPERATION_JSON],
    });
  });

  it.each(["application/grpc-web+json", "application/grpc-web+json; charset=utf-8"])(
    "is what GetOperation answers as %s",
    async (contentType) => {
      await using server = await openForeign();
      const response = await fetch(`${server.url}/google.longrunning.Operations/GetOperation`, {
        method: "POST",
        headers: { "content-type": contentType },
        body: new Uint8Array(envelope(JSON.stringify({ name: FOREIGN_OPERATION.name }))),
      });
      const bytes = Buffer.from(await response.arrayBuffer());
      expect(JSON.parse(bytes.subarray(5, 5 + bytes.readUInt32BE(1)).toString())).toEqual(
        FOREIGN_OPERATION_JSON,
      );
    },
  );

  it("is what an interceptor sees beside the known ones that it has always seen", async () => {
    const seen: (Any | undefined)[] = [];
    await using server = await openForeign({ seen });
    await server.call("GetOperation", { name: FAILED_OPERATION.name });
    expect(seen).toEqual([KNOWN]);
  });
});

describe("an operation of unknown types, in binary", () => {
  it.each([
    ["gRPC", createGrpcTransport],
    ["Connect", createConnectTransport],
  ])("comes as it is kept over %s", async (_, createTransport) => {
    await using server = await openForeign();
    const transport = createTransport({ baseUrl: server.url, httpVersion: "2" });
    const operation = await createClient(Operations, transport).getOperation({
      name: FOREIGN_OPERATION.name,
    });
    const kept: Operation = create(OperationSchema, { ...FOREIGN_OPERATION, done: true });
    expect(operation).toEqual(clone(OperationSchema, kept));
  });
});

describe("a request in JSON", () => {
  const failing = (details: JsonValue) => ({ error: { code: 5, message: "it is gone", details } });

  it.each([
    ["of an unknown type", FOREIGN_JSON],
    ["of a known type", KNOWN_JSON],
    [
      "of a known type around an unknown one",
      { "@type": "type.googleapis.com/google.rpc.Status", code: 5, details: [FOREIGN_JSON, KNOWN_JSON] },
    ],
  ])("may give back an Any %s", async (_, detail) => {
    await using server = await openForeign();
    const operation = await server.simulate(failing([detail]));
    expect(operation["error"]).toMatchObject({ details: [detail] });
  });

  it("with an Any of an unknown type means the bytes that it shows", async () => {
    await using server = await openForeign();
    const { name } = await server.simulate(failing([FOREIGN_JSON]));
    const transport = createGrpcTransport({ baseUrl: server.url });
    const { result } = await createClient(Operations, transport).getOperation({ name: String(name) });
    expect((result.value as Status).details).toEqual([FOREIGN]);
  });

  it("may not show an unknown type by its fields", async () => {
    await using server = await openForeign();
    const detail = { "@type": "type.googleapis.com/far.away.Thing", name: "a thing" };
    expect(await server.simulate(failing([detail]))).toMatchObject({ code: "invalid_argument" });
  });
});

describe("an error of Connect in JSON", () => {
  it("shows what can be shown of a detail that holds an unknown type", async () => {
    const status = statusWith(FOREIGN, KNOWN);
    await using server = await openForeign({
      refuse: () => {
        throw new ConnectError("no", Code.Aborted, undefined, [{ desc: StatusSchema, value: status }]);
      },
    });
    const { details } = await server.simulate({});
    expect(details).toMatchObject([
      {
        type: "google.rpc.Status",
        value: Buffer.from(toBinary(StatusSchema, status)).toString("base64").replace(/=+$/, ""),
        debug: { code: 5, message: "it is gone", details: [FOREIGN_JSON, KNOWN_JSON] },
      },
      { type: "google.rpc.ErrorInfo" },
    ]);
  });

  it("carries a detail of an unknown type, and does not show it", async () => {
    await using server = await openForeign({
      refuse: () => {
        throw errorOfStatus(statusWith(FOREIGN));
      },
    });
    const { details } = await server.simulate({});
    expect((details as JsonValue[])[0]).toEqual({ type: "far.away.Thing", value: "/wB/" });
  });
});

function statusWith(...details: Any[]): Status {
  return create(StatusSchema, { code: 5, message: "it is gone", details });
}

interface ForeignOptions {
  /** What an interceptor has seen of metadata. */
  readonly seen?: (Any | undefined)[];
  /** What the simulator does instead. */
  readonly refuse?: () => never;
}

/** A server that keeps operations of types that it does not know. */
async function openForeign({ seen, refuse }: ForeignOptions = {}) {
  const store = new MemoryStore();
  for (const [i, { name, metadata, result }] of [FOREIGN_OPERATION, FAILED_OPERATION].entries()) {
    const stored = newStoredOperation({ name, parent: "", metadata, createTimeMs: 10 - i });
    await store.insert({ ...ended(stored, result), revision: 1 });
  }
  const operations = createOperations({
    store,
    methods: [[SimulatorService.method.simulateWork, SimulateWork]],
    graceMs: 0,
  });
  const routes = (router: ConnectRouter) =>
    refuse === undefined
      ? router.service(SimulatorService, createSimulatorService(operations.manager))
      : router.rpc(SimulatorService.method.simulateWork, refuse);
  const server = await serve({
    operations,
    port: 0,
    routes,
    connect: {
      interceptors: [
        (next) => async (request) => {
          const response = await next(request);
          if (!response.stream && response.message.$typeName === OperationSchema.typeName) {
            seen?.push((response.message as Operation).metadata);
          }
          return response;
        },
      ],
    },
  });
  const post = async (path: string, body: JsonValue): Promise<JsonObject> => {
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${server.url}/${path}`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    return await response.json();
  };
  return {
    url: server.url,
    call: (rpc: string, request: JsonValue) => post(`google.longrunning.Operations/${rpc}`, request),
    simulate: (request: JsonValue) => post("longrunning.testing.v1.SimulatorService/SimulateWork", request),
    async [Symbol.asyncDispose]() {
      await server.close();
      await operations.close();
      await store[Symbol.asyncDispose]();
    },
  };
}

function ended(stored: ReturnType<typeof newStoredOperation>, result: OperationResult) {
  return complete({ result, endTimeMs: 1, retentionMs: 1e12 })(stored);
}
