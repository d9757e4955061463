import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { Operations } from "longrunning";
import { SimulatorService } from "longrunning/testing";
import { GetOperationRequestSchema } from "../../gen/google/longrunning/operations_pb.ts";
import { temporaryFolder } from "../figures.ts";
import { type LoadFigures, loadOf, makeLoad } from "../load/load.ts";
import { cpuOfTree } from "../processes/process-tree.ts";
import { openReferenceServer, type ReferenceServer } from "../processes/reference-server.ts";

// GetOperation by JSON over HTTP/1.1, on 64 connections, from a server of one process and of several (`--processes`), in
// memory and on SQLite. They have all cores of the machine, and share them with the clients.
const ROUNDS = 5;
const PROCESSES = [1, 2, 4] as const;
const IN_FLIGHT = 64;
const FOR_MS = 1_500;
const WARM_UP_MS = 3_000;

/** What one server did in one round. */
export interface SeveralRun extends LoadFigures {
  readonly store: string;
  readonly processes: number;
  readonly round: number;
  /** Processor time of all its processes for one call, in microseconds. */
  readonly cpuUs: number;
}

interface Candidate {
  readonly store: string;
  readonly processes: number;
  readonly server: ReferenceServer;
  readonly name: string;
}

/** Measures it. Throws where a server does not answer as it must. */
export async function runSeveral(): Promise<readonly SeveralRun[]> {
  await using folder = await temporaryFolder();
  await using stack = new AsyncDisposableStack();
  const candidates: Candidate[] = [];
  for (const processes of PROCESSES) {
    for (const [store, flag] of [
      ["memory", "memory"],
      ["sqlite", `sqlite:${join(folder.path, `${processes}.db`)}`],
    ] as const) {
      const flags = ["--simulator", "--store", flag, "--processes", String(processes)];
      const server = stack.use(await openReferenceServer(...flags));
      candidates.push({ store, processes, server, name: await keepOne(server) });
    }
  }
  for (const candidate of candidates) await measure(candidate, WARM_UP_MS);
  const runs: SeveralRun[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const candidate of round % 2 === 0 ? candidates : candidates.toReversed()) {
      const { store, processes } = candidate;
      runs.push({ store, processes, round, ...(await measure(candidate, FOR_MS)) });
    }
  }
  return runs;
}

/** Keeps an operation that is done, and answers its name. */
async function keepOne({ port }: ReferenceServer): Promise<string> {
  const transport = createGrpcTransport({ baseUrl: `http://127.0.0.1:${port}` });
  const { name } = await createClient(SimulatorService, transport).simulateWork({ payload: "kept" });
  return name;
}

async function measure({ server, name }: Candidate, forMs: number) {
  const asked = { port: server.port, inFlight: IN_FLIGHT, forMs, method: Operations.method.getOperation };
  const load = loadOf("json", asked, [create(GetOperationRequestSchema, { name })]);
  const before = cpuOfTree(server.pid);
  const figures = await makeLoad(load);
  if (figures.errors > 0) throw new Error(`${figures.errors} of ${figures.calls} calls failed`);
  return { ...figures, cpuUs: (cpuOfTree(server.pid) - before) / figures.calls };
}
