import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { createClient, createHandlerContext } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { MemoryStore, Operations, OperationsService } from "longrunning";
import { SqliteStore } from "longrunning/sqlite";
import { Figures, judge, keepInFlight, temporaryFolder } from "./figures.ts";
import { fillWithEnded, sampleName } from "./sample-operations.ts";

// What GetOperation costs from the SQLite store, beside the same from the memory store: of one operation that
// is asked for again and again, and of 100,000 in turn, of which none is in the store's cache when its turn comes.
const RUNS = 5;
const KEPT = 100_000;
const MOST_RATIO = 2;

type Get = (name: string) => Promise<unknown>;

/** A store's way to answer, and the processor time that its process has used so far. */
interface Way {
  readonly get: Get;
  readonly cpuMs: () => number | Promise<number>;
}

/** How many calls a run makes, with so many under way. */
interface Load {
  readonly calls: number;
  readonly inFlight: number;
}

/** Where the next run of random names begins: each name comes round after 100,000 others. */
let next = 0;

function namesOf(kind: "hot" | "random", { calls }: Load): string[] {
  const first = next;
  if (kind === "random") next += calls;
  return Array.from({ length: calls }, (_, i) => sampleName(kind === "hot" ? 7 : (first + i) % KEPT));
}

/** Gets the same from both stores, one after the other, and prints µs a call. Answers the ratios. */
async function compare(title: string, load: Load, memory: Way, sqlite: Way) {
  const wall = new Figures();
  const cpu = new Figures();
  // The first run warms up, and does not count.
  for (let run = 0; run <= RUNS; run++) {
    for (const kind of ["hot", "random"] as const) {
      const names = namesOf(kind, load);
      const ways = Object.entries({ memory, sqlite });
      for (const [store, way] of run % 2 === 0 ? ways : ways.reverse()) {
        const [cpuBeforeMs, beginMs] = [await way.cpuMs(), performance.now()];
        await keepInFlight(load.inFlight, names, way.get);
        const [wallMs, cpuMs] = [performance.now() - beginMs, (await way.cpuMs()) - cpuBeforeMs];
        if (run === 0) continue;
        wall.note(`${kind}, ${store}`, (wallMs * 1_000) / load.calls);
        cpu.note(`${kind}, ${store}`, (cpuMs * 1_000) / load.calls);
      }
    }
  }
  wall.print(`${title}, µs a call`);
  cpu.print("the server's processor time, µs a call");
  const ratioOf = (kind: string) => wall.ratio(`${kind}, sqlite`, `${kind}, memory`);
  return { hot: ratioOf("hot"), random: ratioOf("random") };
}

/** Asks over a real connection, of a server in a process of its own. */
async function compareOverConnections(file: string) {
  const server = fork(join(import.meta.dirname, "stores-server.ts"), [file, String(KEPT)]);
  const ended = once(server, "exit");
  const said = async () => (await Promise.race([once(server, "message"), ended]))[0];
  try {
    const urls: Record<"memory" | "sqlite", string> = await said();
    const cpuMs = async (): Promise<number> => {
      server.send("processor time");
      return said();
    };
    const wayTo = (baseUrl: string): Way => {
      const client = createClient(Operations, createGrpcTransport({ baseUrl }));
      return { get: (name) => client.getOperation({ name }), cpuMs };
    };
    const [memory, sqlite] = [wayTo(urls.memory), wayTo(urls.sqlite)];
    return {
      many: await compare("gRPC, 50 in flight", { calls: 1_500, inFlight: 50 }, memory, sqlite),
      alone: await compare("gRPC, one at a time", { calls: 500, inFlight: 1 }, memory, sqlite),
    };
  } finally {
    server.kill();
    await ended;
  }
}

/** Calls the service's handler, in this process. */
async function compareDirectCalls(file: string) {
  const memoryStore = new MemoryStore();
  await using sqliteStore = await SqliteStore.open(file);
  await fillWithEnded(memoryStore, KEPT);
  const { getOperation } = Operations.method;
  const context = createHandlerContext({
    service: Operations,
    method: getOperation,
    protocolName: "grpc",
    requestMethod: "POST",
    url: "https://localhost/",
  });
  const wayTo = (store: MemoryStore | SqliteStore): Way => {
    const service = new OperationsService(store);
    return {
      get: async (name) => service.getOperation(create(getOperation.input, { name }), context),
      cpuMs: () => {
        const { user, system } = process.cpuUsage();
        return (user + system) / 1_000;
      },
    };
  };
  const [memory, sqlite] = [wayTo(memoryStore), wayTo(sqliteStore)];
  return {
    many: await compare("direct calls, 50 in flight", { calls: 10_000, inFlight: 50 }, memory, sqlite),
    alone: await compare("direct calls, one at a time", { calls: 3_000, inFlight: 1 }, memory, sqlite),
  };
}

await using folder = await temporaryFolder();
const file = join(folder.path, "operations.db");
// The server of the first comparison has filled the file when the second opens it.
const connection = await compareOverConnections(file);
const direct = await compareDirectCalls(file);
console.log("\nGetOperation from SQLite to memory, on the clock");
const below = { below: MOST_RATIO };
judge("gRPC, 50 in flight, hot", connection.many.hot, below);
judge("gRPC, 50 in flight, random", connection.many.random, below);
judge("gRPC, one at a time, hot", connection.alone.hot, below);
judge("gRPC, one at a time, random", connection.alone.random, below);
judge("direct calls, 50 in flight, hot", direct.many.hot, below);
judge("direct calls, one at a time, hot", direct.alone.hot, below);
console.log("A Map in the same process answers in less than a message to a thread takes; so without a goal:");
console.log(`       direct calls, 50 in flight, random: ${direct.many.random.toFixed(1)}`);
console.log(`       direct calls, one at a time, random: ${direct.alone.random.toFixed(1)}`);
