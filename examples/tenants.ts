import { once } from "node:events";
import { createOperations, ownerOnly, serve } from "longrunning";
import { jwtBearer } from "longrunning/jwt";
import { SqliteStore } from "longrunning/sqlite";
import { createSimulatorService, SimulateWork, SimulatorService } from "longrunning/testing";

const [issuer = "", keys = "", port = "8080", file = "operations.db"] = process.argv.slice(2);

await using store = await SqliteStore.open(file);
await using operations = createOperations({
  store,
  methods: [[SimulatorService.method.simulateWork, SimulateWork]],
  access: {
    authenticate: jwtBearer({ issuer, audience: "https://operations.example", keys: new URL(keys) }),
    authorize: ownerOnly(),
  },
});
await using server = await serve({
  operations,
  host: "0.0.0.0",
  port: Number(port),
  routes: (router) => router.service(SimulatorService, createSimulatorService(operations.manager)),
});
console.log(`listening on ${server.url}`);
await once(process, "SIGTERM");
