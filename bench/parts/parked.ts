import { setTimeout as pause } from "node:timers/promises";
import type { Crowd, CrowdFigures } from "../load/crowd.ts";
import { type Field, openField } from "../peers/bench-field.ts";
import type { PeerAnswers } from "../peers/peer.ts";
import { connectNode, grpcGo, grpcJs, http2Floor, ours, oursYoung16, type PeerKind } from "../peers/peers.ts";
import type { Usage } from "../processes/answer-questions.ts";
import type { Child } from "../processes/child.ts";

// WaitOperation calls that wait for one operation, a thousand on each connection: what one of them takes, and how soon
// all know that the operation is done. Each run has a server process of its own.
const RUNS = 5;
const COUNTS = [10_000, 50_000] as const;
/** connectNodeAdapter takes half a minute to hold and to answer the larger crowd: once is enough to see. */
const isMeasured = (id: string, count: number, run: number) =>
  id !== connectNode.id || count === COUNTS[0] || run === 0;
const CALLS_A_CONNECTION = 1_000;
const LOOK_AGAIN_MS = 50;
/** How long a server may take until all wait. */
const PATIENCE_MS = 120_000;

/** What one server did with one crowd. */
export interface ParkedRun {
  readonly peer: string;
  readonly run: number;
  /** How many calls waited. */
  readonly count: number;
  /** Resident memory of the server's process for each, in bytes, after a collection of garbage before and after. */
  readonly bytesEach: number;
  /** From when the operation ended to the first, the middle and the last answer at the client, in ms. */
  readonly firstMs: number;
  readonly middleMs: number;
  readonly lastMs: number;
  /** The longest time between two turns of the server's event loop meanwhile, in ms; null where it has no loop. */
  readonly stallMs: number | null;
  /** Processor time of the server's process for each answer, in microseconds. */
  readonly cpuUs: number;
}

/** Measures it. Throws where a call is not answered. */
export async function runParked(): Promise<readonly ParkedRun[]> {
  await using field = await openField();
  const go = grpcGo(field.folder);
  const kinds = [ours, oursYoung16, connectNode, grpcJs, http2Floor, ...(go === undefined ? [] : [go])];
  const runs: ParkedRun[] = [];
  for (const count of COUNTS) {
    for (let run = 0; run < RUNS; run++) {
      for (const kind of run % 2 === 0 ? kinds : kinds.toReversed()) {
        if (!isMeasured(kind.id, count, run)) continue;
        runs.push({ peer: kind.id, run, count, ...(await measure(kind, count, field)) });
      }
    }
  }
  return runs;
}

async function measure(
  kind: PeerKind,
  count: number,
  field: Field,
): Promise<Omit<ParkedRun, "peer" | "run" | "count">> {
  await using peer = await field.open(kind);
  await using load = field.openLoad();
  const port = peer.ports.grpc;
  if (port === undefined) throw new Error(`${peer.id} does not speak gRPC`);
  const park = (crowd: Omit<Crowd, "port" | "name">) => gather(peer.process, load, { port, ...crowd });
  // The code that serves them is loaded, and compiled.
  await park({ connections: 2, callsEach: 100 });
  await peer.process.ask("end");
  await load.ask("answersOfCrowd");
  const before = await settled(peer.process);
  await park({ connections: count / CALLS_A_CONNECTION, callsEach: CALLS_A_CONNECTION });
  const parked = await settled(peer.process);
  await peer.process.ask("watchLoop");
  const endedUs = await peer.process.ask<PeerAnswers["end"]>("end");
  const crowd = await load.ask<CrowdFigures>("answersOfCrowd");
  const stallMs = await peer.process.ask<PeerAnswers["loopStall"]>("loopStall");
  const { cpuUs } = await peer.process.ask<Usage>("usage");
  if (crowd.errors > 0) throw new Error(`${peer.id} failed ${crowd.errors} of ${count} waits`);
  const sinceEndMs = (us: number) => (us - endedUs) / 1_000;
  return {
    bytesEach: (parked.rssBytes - before.rssBytes) / count,
    firstMs: sinceEndMs(crowd.firstUs),
    middleMs: sinceEndMs(crowd.middleUs),
    lastMs: sinceEndMs(crowd.lastUs),
    stallMs,
    cpuUs: (cpuUs - parked.cpuUs) / count,
  };
}

/** Begins an operation, and lets a crowd wait for it. */
async function gather(server: Child, load: Child, crowd: Omit<Crowd, "name">): Promise<void> {
  const name = await server.ask<PeerAnswers["begin"]>("begin");
  await load.ask("park", { ...crowd, name });
  const count = crowd.connections * crowd.callsEach;
  for (let leftMs = PATIENCE_MS; (await server.ask<number>("waiting")) < count; leftMs -= LOOK_AGAIN_MS) {
    if (leftMs <= 0) throw new Error(`not all of ${count} wait after ${PATIENCE_MS} ms`);
    await pause(LOOK_AGAIN_MS);
  }
}

/** What a server uses when its garbage is collected. */
async function settled(server: Child): Promise<Usage> {
  await server.ask("collect");
  await pause(2 * LOOK_AGAIN_MS);
  await server.ask("collect");
  return server.ask<Usage>("usage");
}
