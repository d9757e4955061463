import { createOperations, MemoryStore, serve } from "longrunning";
import { SimulateWork, SimulatorService } from "longrunning/testing";
import { packed } from "../../src/operation/encoded-message.ts";
import { newStoredOperation } from "../../src/operation/stored-operation.ts";
import { complete } from "../../src/operation/transition.ts";
import { createSimulatorService } from "../../src/simulator/simulator-service.ts";
import { update } from "../../src/store/update.ts";
import { LISTED, RUNNING } from "./names.ts";

// A server in a process of its own, for hostile clients: attacked-server.ts '{"readMaxBytes": 1000, …}'.
// It says by IPC where it listens, and whenever it is asked how much it uses.

/** How much the process uses. */
export interface Usage {
  readonly rssMib: number;
  readonly heapMib: number;
  /** Buffers, and what else is outside of the heap. */
  readonly externalMib: number;
  readonly cpuMs: number;
  /** How many calls wait. */
  readonly waiting: number;
  /** What it has logged. */
  readonly logged: readonly string[];
}

const store = new MemoryStore();
await store.insert(newStoredOperation({ name: RUNNING, parent: "", createTimeMs: 0 }));
// A page of them is as large as pages are.
for (let i = 0; i < 120; i++) {
  const name = `${LISTED}/operations/${i}`;
  const value = packed(SimulateWork.response, { payload: "x".repeat(30_000) });
  const end = complete({ result: { case: "response", value }, endTimeMs: 1, retentionMs: 1e12 });
  await store.insert(newStoredOperation({ name, parent: LISTED, createTimeMs: i }));
  await update(store, name, end);
}
const logged: string[] = [];
const logger = { error: (message: string, cause: unknown) => void logged.push(`${message}: ${cause}`) };
await using operations = createOperations({
  ...{ store, logger, methods: [[SimulatorService.method.simulateWork, SimulateWork]] },
});
await using server = await serve({
  ...{ operations, logger, port: 0 },
  ...JSON.parse(process.argv[2] ?? "{}"),
  routes: (router) => router.service(SimulatorService, createSimulatorService(operations.manager)),
});

function usage(): Usage {
  const { rss, heapUsed, external } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const mib = (bytes: number) => bytes / 2 ** 20;
  return {
    ...{ rssMib: mib(rss), heapMib: mib(heapUsed), externalMib: mib(external) },
    ...{ cpuMs: (user + system) / 1_000, waiting: operations.service.waiting, logged },
  };
}

process.on("message", () => process.send?.(usage()));
process.send?.(server.port);
await new Promise((resolve) => process.once("disconnect", resolve));
