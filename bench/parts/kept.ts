import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { Operations } from "longrunning";
import { SimulatorService } from "longrunning/testing";
import {
  GetOperationRequestSchema,
  ListOperationsRequestSchema,
} from "../../gen/google/longrunning/operations_pb.ts";
import { SimulateWorkRequestSchema } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import { type LoadFigures, loadOf } from "../load/load.ts";
import { type OpenPeer, openField } from "../peers/bench-field.ts";
import { keptPeer } from "../peers/peers.ts";
import { seededRandom } from "../polling/seeded-random.ts";
import type { Usage } from "../processes/answer-questions.ts";
import type { Child } from "../processes/child.ts";
import { writeSampleDatabase } from "../sample-database.ts";
import { sampleName } from "../sample-operations.ts";

// What a Get of any operation, the first page of a List, and a Start of work that is done at once cost by gRPC, with so
// many operations kept.
const ROUNDS = 5;
const COUNTS = [1_000, 100_000, 1_000_000] as const;
const NAMES = 20_000;
const IN_FLIGHT = 64;
const FOR_MS = 700;
const WARM_UP_MS = 2_000;

/** What one store did in one round. */
export interface KeptRun extends LoadFigures {
  readonly store: string;
  /** How many operations it keeps. */
  readonly count: number;
  readonly call: string;
  readonly round: number;
  /** Processor time of the server's process for one call, with all its threads, in microseconds. */
  readonly cpuUs: number;
}

interface Kept {
  readonly store: string;
  readonly count: number;
  readonly peer: OpenPeer;
}

/** Measures it. Throws where a call fails. */
export async function runKept(): Promise<readonly KeptRun[]> {
  await using field = await openField();
  await using load = field.openLoad();
  await using stack = new AsyncDisposableStack();
  const kept: Kept[] = [];
  for (const count of COUNTS) {
    const file = join(field.folder, `${count}.db`);
    writeSampleDatabase(file, count);
    for (const [store, place] of Object.entries({ memory: "memory", sqlite: file })) {
      const peer = stack.use(await field.open(keptPeer(store, place, count)));
      kept.push({ store, count, peer });
    }
  }
  for (const one of kept) for (const call of CALLS) await measure(one, call, load, WARM_UP_MS);
  const runs: KeptRun[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const call of CALLS) {
      for (const one of round % 2 === 0 ? kept : kept.toReversed()) {
        runs.push({ round, ...(await measure(one, call, load, FOR_MS)) });
      }
    }
  }
  return runs;
}

const CALLS = ["Get", "List", "Start"] as const;

/** What a call asks, of a server that keeps so many. */
function asked(call: (typeof CALLS)[number], count: number) {
  switch (call) {
    case "Get": {
      const random = seededRandom(count);
      const numbers = Array.from({ length: NAMES }, () => Math.floor(random() * count));
      const messages = numbers.map((number) =>
        create(GetOperationRequestSchema, { name: sampleName(number) }),
      );
      return { method: Operations.method.getOperation, messages };
    }
    case "List":
      return {
        method: Operations.method.listOperations,
        messages: [create(ListOperationsRequestSchema, { name: "operations", pageSize: 50 })],
      };
    case "Start":
      return {
        method: SimulatorService.method.simulateWork,
        messages: [create(SimulateWorkRequestSchema, {})],
      };
  }
}

async function measure(
  { store, count, peer }: Kept,
  call: (typeof CALLS)[number],
  load: Child,
  forMs: number,
): Promise<Omit<KeptRun, "round">> {
  const { method, messages } = asked(call, count);
  const port = peer.ports.grpc ?? 0;
  const wanted = loadOf("grpc", { port, method, inFlight: IN_FLIGHT, forMs }, messages);
  const before = await peer.process.ask<Usage>("usage");
  const figures = await load.ask<LoadFigures>("call", wanted);
  const after = await peer.process.ask<Usage>("usage");
  if (figures.errors > 0)
    throw new Error(`${store} of ${count} failed ${figures.errors} of ${figures.calls}`);
  return { store, count, call, ...figures, cpuUs: (after.cpuUs - before.cpuUs) / figures.calls };
}
