import { join } from "node:path";
import type { LoadFigures } from "../load/load.ts";
import { type OpenPeer, openField } from "../peers/bench-field.ts";
import { keptPeer } from "../peers/peers.ts";
import type { Usage } from "../processes/answer-questions.ts";
import type { Child } from "../processes/child.ts";

// From a start until its caller knows that the operation is done: SimulateWork with 1 ms of work and then WaitOperation,
// by gRPC, in memory and on SQLite, with so many of them under way.
const ROUNDS = 5;
const IN_FLIGHT = [1, 16, 64, 256] as const;
const FOR_MS = 1_500;
const WARM_UP_MS = 5_000;

/** What one store did in one round. */
export interface StartRun extends LoadFigures {
  readonly store: string;
  readonly inFlight: number;
  readonly round: number;
  /** Processor time of the server's process for one operation, with all its threads, in microseconds. */
  readonly cpuUs: number;
}

/** Measures it. Throws where an operation does not end as it must. */
export async function runStart(): Promise<readonly StartRun[]> {
  await using field = await openField();
  await using load = field.openLoad();
  await using memory = await field.open(keptPeer("memory", "memory", 0));
  await using sqlite = await field.open(keptPeer("sqlite", join(field.folder, "start.db"), 0));
  const peers = [memory, sqlite];
  for (const peer of peers) await measure(peer, load, 64, WARM_UP_MS);
  const runs: StartRun[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const inFlight of IN_FLIGHT) {
      for (const peer of round % 2 === 0 ? peers : peers.toReversed()) {
        const measured = await measure(peer, load, inFlight, FOR_MS);
        runs.push({ store: peer.id, inFlight, round, ...measured });
      }
    }
  }
  return runs;
}

async function measure(peer: OpenPeer, load: Child, inFlight: number, forMs: number) {
  const before = await peer.process.ask<Usage>("usage");
  const figures = await load.ask<LoadFigures>("startToDone", { port: peer.ports.grpc, inFlight, forMs });
  const after = await peer.process.ask<Usage>("usage");
  if (figures.errors > 0) throw new Error(`${peer.id} failed ${figures.errors} of ${figures.calls}`);
  return { ...figures, cpuUs: (after.cpuUs - before.cpuUs) / figures.calls };
}
