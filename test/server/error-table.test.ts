import { create } from "@bufbuild/protobuf";
import { DurationSchema } from "@bufbuild/protobuf/wkt";
import { type Client, Code, type ConnectError, type ConnectRouter, createClient } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { Operations } from "../../gen/google/longrunning/operations_pb.ts";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import { ServerReflection } from "../../gen/grpc/reflection/v1/reflection_pb.ts";
import { SimulatorService } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import { operationNotFound, storeFull, storeUnavailable } from "../../src/operation/errors.ts";
import { createOperations } from "../../src/server/create-operations.ts";
import { serve } from "../../src/server/serve.ts";
import { SimulateWork } from "../../src/simulator/simulate-work.ts";
import { createSimulatorService } from "../../src/simulator/simulator-service.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import { protocols } from "../service/protocols.ts";
import { refusalOf } from "../service/refusal.ts";

const DOMAIN = "reports.example.com";

/** What a test calls, and how it brings a server into trouble. */
interface Server {
  readonly operations: Client<typeof Operations>;
  readonly simulator: Client<typeof SimulatorService>;
  readonly reflection: Client<typeof ServerReflection>;
  readonly store: TroubledStore;
  stopWork(): Promise<void>;
}

interface Expected {
  readonly code: Code;
  readonly reason: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly fields?: readonly string[];
  readonly retrySeconds?: number;
}

const ERRORS: readonly (readonly [string, (server: Server) => Promise<unknown>, Expected])[] = [
  [
    "an operation that is not kept",
    ({ operations }) => operations.getOperation({ name: "operations/no" }),
    { code: Code.NotFound, reason: "OPERATION_NOT_FOUND", metadata: { name: "operations/no" } },
  ],
  [
    "a name that is none",
    ({ operations }) => operations.waitOperation({ name: "no" }),
    { code: Code.InvalidArgument, reason: "INVALID_FIELD", metadata: { field: "name" }, fields: ["name"] },
  ],
  [
    "a negative page size",
    ({ operations }) => operations.listOperations({ pageSize: -1 }),
    {
      ...{ code: Code.InvalidArgument, reason: "INVALID_FIELD" },
      ...{ metadata: { field: "page_size" }, fields: ["page_size"] },
    },
  ],
  [
    "an RPC that is switched off",
    ({ operations }) => operations.deleteOperation({ name: "operations/no" }),
    { code: Code.Unimplemented, reason: "NOT_OFFERED" },
  ],
  [
    "a request ID that was used for something else",
    async ({ simulator }) => {
      await simulator.simulateWork({ requestId: "once", payload: "a" });
      await simulator.simulateWork({ requestId: "once", payload: "b" });
    },
    { code: Code.AlreadyExists, reason: "REQUEST_ID_TAKEN", metadata: { field: "request_id" } },
  ],
  [
    "a store that is away",
    ({ operations, store }) => {
      store.fault = storeUnavailable(new Error("a secret"));
      return operations.getOperation({ name: "operations/no" });
    },
    { code: Code.Unavailable, reason: "STORE_UNAVAILABLE", retrySeconds: 2 },
  ],
  [
    "a store that is full",
    ({ operations, store }) => {
      store.fault = storeFull(new Error("a secret"));
      return operations.getOperation({ name: "operations/no" });
    },
    { code: Code.ResourceExhausted, reason: "STORE_FULL", retrySeconds: 60 },
  ],
  [
    "a server that stops",
    async ({ simulator, stopWork }) => {
      await stopWork();
      await simulator.simulateWork({});
    },
    { code: Code.Unavailable, reason: "SERVER_STOPPING", retrySeconds: 1 },
  ],
  [
    "a fault of the server",
    ({ operations, store }) => {
      store.fault = new Error("a secret");
      return operations.getOperation({ name: "operations/no" });
    },
    { code: Code.Internal, reason: "INTERNAL" },
  ],
  [
    "a message that is too large",
    ({ simulator }) => simulator.simulateWork({ payload: "p".repeat(20_000) }),
    { code: Code.ResourceExhausted, reason: "RESOURCE_EXHAUSTED" },
  ],
];

describe.each(protocols)("over $name", ({ connect }) => {
  it.each(ERRORS)("%s is told with all its details", async (_, call, expected) => {
    await using server = await openTroubled();
    using connection = connect(server.url);
    const error = await refusalOf(
      call({
        ...server,
        operations: createClient(Operations, connection.transport),
        simulator: createClient(SimulatorService, connection.transport),
        reflection: createClient(ServerReflection, connection.transport),
      }),
    );
    expect(partsOf(error)).toEqual(detailed(expected));
  });
});

describe.each(protocols.filter(({ name }) => name.endsWith("h2c")))(
  "in a stream over $name",
  ({ connect }) => {
    it.each([
      [
        "a refusal",
        "ours",
        { code: Code.NotFound, reason: "OPERATION_NOT_FOUND", metadata: { name: "operations/no" } },
      ],
      ["a fault of the server", "", { code: Code.Internal, reason: "INTERNAL" }],
    ])("%s is told with all its details", async (_, host, expected) => {
      await using server = await openTroubled();
      using connection = connect(server.url);
      const error = await refusalOf(
        (async () => {
          const client = createClient(ServerReflection, connection.transport);
          const answers = client.serverReflectionInfo(
            (async function* () {
              yield { host };
            })(),
          );
          for await (const _answer of answers);
        })(),
      );
      expect(partsOf(error)).toEqual(detailed(expected));
    });
  },
);

/** All that a client can read of an error. */
function partsOf(error: ConnectError) {
  return {
    code: error.code,
    infos: error
      .findDetails(ErrorInfoSchema)
      .map(({ reason, domain, metadata }) => ({ reason, domain, metadata })),
    fields: error
      .findDetails(BadRequestSchema)
      .flatMap(({ fieldViolations }) => fieldViolations.map(({ field }) => field)),
    retry: error.findDetails(RetryInfoSchema).map(({ retryDelay }) => retryDelay),
    count: error.details.length,
    isSecretKept: !error.rawMessage.includes("secret"),
  };
}

function detailed({ code, reason, metadata = {}, fields = [], retrySeconds }: Expected) {
  const retry =
    retrySeconds === undefined ? [] : [create(DurationSchema, { seconds: BigInt(retrySeconds), nanos: 0 })];
  const count = 1 + Math.min(fields.length, 1) + retry.length;
  return { code, infos: [{ reason, domain: DOMAIN, metadata }], fields, retry, count, isSecretKept: true };
}

/** A store that fails as it is told to. */
class TroubledStore extends MemoryStore {
  fault: Error | undefined;

  override async get(name: string) {
    if (this.fault !== undefined) throw this.fault;
    return await super.get(name);
  }
}

async function openTroubled() {
  const store = new TroubledStore();
  const operations = createOperations({
    store,
    methods: [[SimulatorService.method.simulateWork, SimulateWork]],
    switchedOff: ["deleteOperation"],
    errorDomain: DOMAIN,
    graceMs: 0,
  });
  const server = await serve({
    operations,
    port: 0,
    readMaxBytes: 10_000,
    reflection: false,
    logger: { error: () => {} },
    routes: (router: ConnectRouter) =>
      router.service(SimulatorService, createSimulatorService(operations.manager)).service(ServerReflection, {
        // biome-ignore lint/correctness/useYield: what it has to say is an error.
        async *serverReflectionInfo(requests) {
          for await (const { host } of requests) {
            throw host === "ours" ? operationNotFound("operations/no") : new Error("a secret");
          }
        },
      }),
  });
  return {
    url: server.url,
    store,
    stopWork: () => operations.manager.close(),
    async [Symbol.asyncDispose]() {
      await server.close();
      await operations.close();
      await store[Symbol.asyncDispose]();
    },
  };
}
