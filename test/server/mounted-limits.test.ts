import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { describe, expect, it } from "vitest";
import { SimulatorService } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import { createOperations } from "../../src/server/create-operations.ts";
import { SimulateWork } from "../../src/simulator/simulate-work.ts";
import { createSimulatorService } from "../../src/simulator/simulator-service.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import { GET_OPERATION, SIMULATE_WORK } from "./raw-http.ts";

/** What a call is answered by operations that are mounted in a server of Node. */
async function answerOf(
  path: string,
  body: string,
  limits: { readonly readMaxBytes?: number } = {},
): Promise<number> {
  await using operations = createOperations({
    store: new MemoryStore(),
    methods: [[SimulatorService.method.simulateWork, SimulateWork]],
    graceMs: 0,
  });
  const routes = operations.routes((router) =>
    router.service(SimulatorService, createSimulatorService(operations.manager)),
  );
  const server = createServer(connectNodeAdapter({ routes, ...limits })).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const headers = { "content-type": "application/json" };
  const { status } = await fetch(`http://127.0.0.1:${port}${path}`, { method: "POST", headers, body });
  server.close();
  server.closeAllConnections();
  return status;
}

const payload = (bytes: number) => JSON.stringify({ payload: "x".repeat(bytes) });

describe("operations that are mounted in another server", () => {
  it("take no request of the five RPCs beyond 64 KiB", async () => {
    expect(await answerOf(GET_OPERATION, JSON.stringify({ name: "x".repeat(70_000) }))).toBe(429);
  });

  it("take no JSON that is nested deep", async () => {
    expect(await answerOf(SIMULATE_WORK, "[".repeat(201))).toBe(400);
  });

  it("take a message of another service that is larger than serve takes", async () => {
    expect(await answerOf(SIMULATE_WORK, payload(5_000_000))).toBe(200);
  });

  it("take none that is larger than that server is told to", async () => {
    expect(await answerOf(SIMULATE_WORK, payload(2_000), { readMaxBytes: 1_000 })).toBe(429);
  });
});
