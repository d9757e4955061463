import { once } from "node:events";
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { create } from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import {
  GetOperationRequestSchema,
  type ListOperationsRequest,
  type ListOperationsResponse,
  ListOperationsResponseSchema,
  type Operation,
  OperationSchema,
  Operations,
  type WaitOperationRequest,
} from "../../gen/google/longrunning/operations_pb.ts";
import { SimulatorService } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import { mountReflection } from "../../src/reflection/mount-reflection.ts";
import { createOperations } from "../../src/server/create-operations.ts";
import type { OperationsService } from "../../src/service/operations-service.ts";
import { SimulateWork } from "../../src/simulator/simulate-work.ts";
import { createSimulatorService } from "../../src/simulator/simulator-service.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";

/** The five RPCs of a server, in a form that is easily done wrong. */
export interface Rpcs {
  get(name: string, context: HandlerContext): Promise<Operation>;
  wait(request: WaitOperationRequest, context: HandlerContext): Promise<Operation>;
  cancel(name: string, context: HandlerContext): Promise<unknown>;
  delete(name: string, context: HandlerContext): Promise<unknown>;
  list(request: ListOperationsRequest, context: HandlerContext): Promise<ListOperationsResponse>;
}

export type Simulator = ServiceImpl<typeof SimulatorService>;

/** What a server does wrong: RPCs in the place of the right ones, which they may call. */
export interface Fault {
  readonly rpcs?: (right: Rpcs) => Partial<Rpcs>;
  readonly simulator?: (right: Simulator) => Simulator;
}

export interface FaultyServer extends AsyncDisposable {
  readonly url: string;
}

/** Serves operations over gRPC, with something wrong about them. */
export async function openFaultyServer({
  rpcs = () => ({}),
  simulator = (right) => right,
}: Fault): Promise<FaultyServer> {
  const store = new MemoryStore();
  const operations = createOperations({
    store,
    methods: [[SimulatorService.method.simulateWork, SimulateWork]],
    graceMs: 0,
    // Many are checked at a time, on a machine that may be busy.
    deadlineMargin: { share: 0.3, leastMs: 20, mostMs: 1_000 },
    logger: { error() {} },
  });
  const right = rpcsOf(operations.service);
  const served = { ...right, ...rpcs(right) };
  const server = createServer(
    connectNodeAdapter({
      routes(router) {
        router.service(Operations, {
          getOperation: ({ name }, context) => served.get(name, context),
          waitOperation: (request, context) => served.wait(request, context),
          cancelOperation: ({ name }, context) =>
            served.cancel(name, context).then(() => create(EmptySchema)),
          deleteOperation: ({ name }, context) =>
            served.delete(name, context).then(() => create(EmptySchema)),
          listOperations: (request, context) => served.list(request, context),
        });
        router.service(SimulatorService, simulator(createSimulatorService(operations.manager)));
        mountReflection(router);
      },
    }),
  );
  const sessions = new Set<{ destroy(): void }>();
  server.on("session", (session) => sessions.add(session));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // A server that listens on TCP has such an address.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      for (const session of sessions) session.destroy();
      server.close();
      await operations.close();
      await store[Symbol.asyncDispose]();
    },
  };
}

function rpcsOf(service: OperationsService): Rpcs {
  return {
    get: async (name, context) =>
      create(
        OperationSchema,
        await service.getOperation(create(GetOperationRequestSchema, { name }), context),
      ),
    wait: async (request, context) => create(OperationSchema, await service.waitOperation(request, context)),
    cancel: async (name, context) =>
      service.cancelOperation({ $typeName: "google.longrunning.CancelOperationRequest", name }, context),
    delete: async (name, context) =>
      service.deleteOperation({ $typeName: "google.longrunning.DeleteOperationRequest", name }, context),
    list: async (request, context) =>
      create(ListOperationsResponseSchema, await service.listOperations(request, context)),
  };
}
