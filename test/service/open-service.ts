import { type Client, createClient } from "@connectrpc/connect";
import { Operations } from "../../gen/google/longrunning/operations_pb.ts";
import { SimulatorService } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import {
  type CreateOperationsOptions,
  createOperations,
  type OperationsServer,
} from "../../src/server/create-operations.ts";
import { type ListeningServer, type ServeOptions, serve } from "../../src/server/serve.ts";
import { SimulateWork } from "../../src/simulator/simulate-work.ts";
import { createSimulatorService } from "../../src/simulator/simulator-service.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import type { OperationStore } from "../../src/store/operation-store.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import type { Connection, Protocol } from "./protocols.ts";

export interface OpenServiceOptions extends Omit<CreateOperationsOptions, "store"> {
  readonly store?: OperationStore;
  readonly serve?: Omit<ServeOptions, "operations" | "routes" | "port">;
}

/** A service on a real socket, and a client of one protocol connected to it. */
export interface OpenService extends AsyncDisposable {
  readonly client: Client<typeof Operations>;
  readonly simulator: Client<typeof SimulatorService>;
  readonly connection: Connection;
  readonly store: OperationStore;
  readonly operations: OperationsServer;
  readonly server: ListeningServer;
}

/** Opens a service whose clock stands still, unless it is given another. */
export async function openService(
  protocol: Protocol,
  options: OpenServiceOptions = {},
): Promise<OpenService> {
  const store = options.store ?? new MemoryStore();
  const clock = options.clock ?? new FakeClock();
  const operations = createOperations({
    methods: [[SimulatorService.method.simulateWork, SimulateWork]],
    graceMs: 0,
    logger: { error() {} },
    ...options,
    store,
    clock,
  });
  const server = await serve({
    graceMs: 200,
    ...options.serve,
    operations,
    port: 0,
    routes: (router) => router.service(SimulatorService, createSimulatorService(operations.manager, clock)),
  });
  const connection = protocol.connect(server.url);
  return {
    client: createClient(Operations, connection.transport),
    simulator: createClient(SimulatorService, connection.transport),
    connection,
    store,
    operations,
    server,
    async [Symbol.asyncDispose]() {
      connection[Symbol.dispose]();
      await server.close();
      // A clock that stands still never ends the grace period: go on until it has.
      const closing = operations.close().then(() => true);
      while (!(await Promise.race([closing, nextTurn()]))) if (clock instanceof FakeClock) clock.advance(0);
    },
  };
}

function nextTurn(): Promise<false> {
  return new Promise((resolve) => setImmediate(resolve, false));
}
