import { once } from "node:events";
import { create } from "@bufbuild/protobuf";
import { type Any, AnySchema } from "@bufbuild/protobuf/wkt";
import { createOperations, MemoryStore, serve } from "longrunning";
import { createSimulatorService, SimulateWork, SimulatorService } from "longrunning/testing";
import { newStoredOperation, type StoredOperation } from "../../src/operation/stored-operation.ts";
import { complete } from "../../src/operation/transition.ts";

const DAY_MS = 86_400_000;

// The server that every client is tried on: the simulator, and an operation of whose types nobody knows anything.
const store = new MemoryStore();
await using operations = createOperations({
  store,
  methods: [[SimulatorService.method.simulateWork, SimulateWork]],
});
await store.insert(farAway());
await using server = await serve({
  operations,
  port: 0,
  routes: (router) => router.service(SimulatorService, createSimulatorService(operations.manager)),
});
console.log(`listening on ${server.url}`);
await once(process, "SIGTERM");

function farAway(): StoredOperation {
  const now = Date.now();
  const running = newStoredOperation({
    name: "projects/far/operations/away",
    parent: "projects/far",
    createTimeMs: now,
    metadata: unknownAny(255, 0, 127),
  });
  const end = complete({
    result: { case: "response", value: unknownAny(1) },
    endTimeMs: now,
    retentionMs: DAY_MS,
  });
  return { ...end(running), revision: 1 };
}

function unknownAny(...bytes: number[]): Any {
  return create(AnySchema, { typeUrl: "type.googleapis.com/far.away.Thing", value: Uint8Array.from(bytes) });
}
