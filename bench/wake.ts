import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import * as grpc from "@grpc/grpc-js";
import { createOperations, MemoryStore, Operations, serve } from "longrunning";
import { createSimulatorService, SimulateWork, SimulatorService } from "longrunning/testing";
import { connectWebClient, curlClient, grpcJsClient, type WaitingClient } from "./three-clients.ts";

// How long after the cancel that ends a 60 s operation each kind of client knows it: curl with JSON, grpc-js,
// and connect-web's transport, all three waiting for the same operation. Prints min, median and max of so many runs.
const RUNS = 15;

/** An answer that takes longer fails the bench. */
const MOST_MS = 50;

await using operations = createOperations({
  store: new MemoryStore(),
  methods: [[SimulatorService.method.simulateWork, SimulateWork]],
});
await using server = await serve({
  operations,
  port: 0,
  routes: (router) => router.service(SimulatorService, createSimulatorService(operations.manager)),
});
const transport = createGrpcTransport({ baseUrl: server.url });
const simulator = createClient(SimulatorService, transport);
const caller = createClient(Operations, transport);
const channel = new grpc.Client(`127.0.0.1:${server.port}`, grpc.credentials.createInsecure());
const clients: Record<string, WaitingClient> = {
  "curl (JSON)": curlClient(server.url),
  "grpc-js": grpcJsClient(channel),
  "connect-web": connectWebClient(server.url),
};

const delaysMs = new Map(Object.keys(clients).map((kind) => [kind, [] as number[]]));
for (let run = 0; run < RUNS; run++) {
  const { name } = await simulator.simulateWork({ duration: { seconds: 60n } });
  let cancelledAtMs = 0;
  const waiting = Object.entries(clients).map(async ([kind, wait]) => {
    const { done } = await wait(name);
    if (!done) throw new Error(`${kind} was answered before the operation was done`);
    delaysMs.get(kind)?.push(performance.now() - cancelledAtMs);
  });
  while (operations.service.waiting < waiting.length) await new Promise(setImmediate);
  cancelledAtMs = performance.now();
  await caller.cancelOperation({ name });
  await Promise.all(waiting);
}
channel.close();
for (const [kind, delays] of delaysMs) {
  delays.sort((a, b) => a - b);
  if ((delays.at(-1) ?? MOST_MS) >= MOST_MS) process.exitCode = 1;
  const figures = [delays[0], delays[RUNS >> 1], delays[RUNS - 1]].map((ms) => ms?.toFixed(1));
  console.log(`${kind.padEnd(12)} ${figures.join(" / ")} ms (min / median / max)`);
}
