import { createOperations, MemoryStore, serve } from "longrunning";
import { SqliteStore } from "longrunning/sqlite";
import { createSimulatorService, SimulateWork, SimulatorService } from "longrunning/testing";
import { fillWithEnded } from "../sample-operations.ts";
import { answerAs } from "./peer.ts";

// This package's server with so many operations kept: in memory, or in an SQLite file that has them already.
const [place = "", count = "0"] = process.argv.slice(2);
const store = place === "memory" ? new MemoryStore() : await SqliteStore.open(place);
if (place === "memory") await fillWithEnded(store, Number(count));
const operations = createOperations({
  store,
  methods: [[SimulatorService.method.simulateWork, SimulateWork]],
});
const server = await serve({
  operations,
  port: 0,
  routes: (router) => router.service(SimulatorService, createSimulatorService(operations.manager)),
});
const refuse = () => {
  throw new Error("its operations begin and end by themselves");
};
answerAs({
  ports: { grpc: server.port, json: server.port },
  begin: refuse,
  end: refuse,
  waiting: () => operations.service.waiting,
});
