import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { createConnectTransport } from "@connectrpc/connect-web";
import * as grpc from "@grpc/grpc-js";
import { createOperations, MemoryStore, type Operation, Operations, serve } from "longrunning";
import { createSimulatorService, SimulateWork, SimulatorService } from "longrunning/testing";

// How long after the cancel that ends a 60 s operation each kind of client knows it: curl with JSON, grpc-js,
// and connect-web's transport, all three waiting for the same operation. Prints the median of so many runs.
const RUNS = 15;

const curl = promisify(execFile);

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
const web = createClient(Operations, createConnectTransport({ baseUrl: server.url, useBinaryFormat: true }));
const grpcJs = new grpc.Client(`127.0.0.1:${server.port}`, grpc.credentials.createInsecure());

const waiters: Record<string, (name: string) => Promise<{ done: boolean }>> = {
  async "curl (JSON)"(name) {
    const url = `${server.url}/google.longrunning.Operations/WaitOperation`;
    const args = ["-s", url, "-H", "content-type: application/json", "-d", JSON.stringify({ name })];
    return JSON.parse((await curl("curl", args)).stdout);
  },
  "grpc-js": (name) =>
    new Promise((resolve, reject) => {
      const { input, output, parent } = Operations.method.waitOperation;
      grpcJs.makeUnaryRequest<{ name: string }, Operation>(
        `/${parent.typeName}/WaitOperation`,
        ({ name }) =>
          Buffer.from(toBinary(input, { $typeName: "google.longrunning.WaitOperationRequest", name })),
        (bytes) => fromBinary(output, bytes),
        { name },
        (error, answer) => (answer === undefined ? reject(error) : resolve(answer)),
      );
    }),
  "connect-web": (name) => web.waitOperation({ name }),
};

const delaysMs = new Map(Object.keys(waiters).map((kind) => [kind, [] as number[]]));
for (let run = 0; run < RUNS; run++) {
  const { name } = await simulator.simulateWork({ duration: { seconds: 60n } });
  let cancelledAtMs = 0;
  const waiting = Object.entries(waiters).map(async ([kind, wait]) => {
    const { done } = await wait(name);
    if (!done) throw new Error(`${kind} was answered before the operation was done`);
    delaysMs.get(kind)?.push(performance.now() - cancelledAtMs);
  });
  while (operations.service.waiting < waiting.length) await new Promise(setImmediate);
  cancelledAtMs = performance.now();
  await caller.cancelOperation({ name });
  await Promise.all(waiting);
}
grpcJs.close();
for (const [kind, delays] of delaysMs) {
  delays.sort((a, b) => a - b);
  const [least, median, most] = [delays[0], delays[RUNS >> 1], delays[RUNS - 1]];
  console.log(
    `${kind.padEnd(12)} ${least?.toFixed(1)} / ${median?.toFixed(1)} / ${most?.toFixed(1)} ms (min/median/max)`,
  );
}
