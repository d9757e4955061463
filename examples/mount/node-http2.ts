import { createServer, type ServerHttp2Session } from "node:http2";
import { createOperations, directNodeAdapter, MemoryStore } from "longrunning";
import { createSimulatorService, SimulateWork, SimulatorService } from "longrunning/testing";

const operations = createOperations({
  store: new MemoryStore(),
  methods: [[SimulatorService.method.simulateWork, SimulateWork]],
});
const routes = operations.routes((router) =>
  router.service(SimulatorService, createSimulatorService(operations.manager)),
);
const sessions = new Set<ServerHttp2Session>();
const server = createServer(directNodeAdapter({ routes }));
server.on("session", (session) => {
  sessions.add(session);
  session.once("close", () => sessions.delete(session));
});
server.listen(Number(process.env["PORT"] ?? 8080), "127.0.0.1", () => console.log(server.address()));
process.once("SIGTERM", () => {
  operations.answerWaiting();
  server.close(() => operations.close());
  for (const session of sessions) session.close();
});
