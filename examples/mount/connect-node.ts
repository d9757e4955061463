import { createServer } from "node:http";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { createOperations, MemoryStore } from "longrunning";
import { createSimulatorService, SimulateWork, SimulatorService } from "longrunning/testing";

const operations = createOperations({
  store: new MemoryStore(),
  methods: [[SimulatorService.method.simulateWork, SimulateWork]],
});
const routes = operations.routes((router) =>
  router.service(SimulatorService, createSimulatorService(operations.manager)),
);
const server = createServer(connectNodeAdapter({ routes }));
server.listen(Number(process.env["PORT"] ?? 8080), "127.0.0.1", () => console.log(server.address()));
process.once("SIGTERM", () => {
  operations.answerWaiting();
  server.close(() => operations.close());
});
