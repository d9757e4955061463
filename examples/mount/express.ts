import { expressConnectMiddleware } from "@connectrpc/connect-express";
import express from "express";
import { createOperations, MemoryStore } from "longrunning";
import { createSimulatorService, SimulateWork, SimulatorService } from "longrunning/testing";

const operations = createOperations({
  store: new MemoryStore(),
  methods: [[SimulatorService.method.simulateWork, SimulateWork]],
});
const routes = operations.routes((router) =>
  router.service(SimulatorService, createSimulatorService(operations.manager)),
);
const app = express();
app.use(expressConnectMiddleware({ routes }));
const server = app.listen(Number(process.env["PORT"] ?? 8080), "127.0.0.1", () =>
  console.log(server.address()),
);
process.once("SIGTERM", () => {
  operations.answerWaiting();
  server.close(() => operations.close());
});
