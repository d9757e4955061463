import { createOperations, MemoryStore, serve } from "longrunning";
import { createSimulatorService, SimulateWork, SimulatorService } from "longrunning/testing";

/** A server with the simulator, on a free port and in this process's memory. */
export async function serveSimulator(): Promise<{ readonly url: string } & AsyncDisposable> {
  const operations = createOperations({
    store: new MemoryStore(),
    methods: [[SimulatorService.method.simulateWork, SimulateWork]],
  });
  const server = await serve({
    operations,
    port: 0,
    routes: (router) => router.service(SimulatorService, createSimulatorService(operations.manager)),
  });
  return {
    url: server.url,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await operations[Symbol.asyncDispose]();
    },
  };
}
