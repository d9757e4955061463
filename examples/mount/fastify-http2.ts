import { fastifyConnectPlugin } from "@connectrpc/connect-fastify";
import fastify from "fastify";
import { createOperations, MemoryStore } from "longrunning";
import { createSimulatorService, SimulateWork, SimulatorService } from "longrunning/testing";

const operations = createOperations({
  store: new MemoryStore(),
  methods: [[SimulatorService.method.simulateWork, SimulateWork]],
});
const routes = operations.routes((router) =>
  router.service(SimulatorService, createSimulatorService(operations.manager)),
);
const server = fastify({ http2: true });
await server.register(fastifyConnectPlugin, { routes });
server.addHook("preClose", async () => operations.answerWaiting());
server.addHook("onClose", () => operations.close());
await server.listen({ port: Number(process.env["PORT"] ?? 8080) });
console.log(server.server.address());
process.once("SIGTERM", () => server.close());
