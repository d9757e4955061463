import { setTimeout as pause } from "node:timers/promises";
import { median, percentile } from "../figures.ts";
import { openField } from "../peers/bench-field.ts";
import type { PeerAnswers } from "../peers/peer.ts";
import { ours } from "../peers/peers.ts";
import { pollUntilDone } from "../polling/poll-until-done.ts";
import { POLLING_CLIENTS } from "../polling/polling-clients.ts";
import { seededRandom } from "../polling/seeded-random.ts";

// How long after an operation ended its caller knows it, and by how many RPCs: our handle, which waits, measured; and
// clients that poll, by their published backoff. A poll is taken to need no time.
const WARM_UP = 200;
const ROUNDS = 5;
const WAITS = 200;
const OPERATIONS = 20_000;
const SEED = 20_260_101;

/** How long operations last, in ms: each duration between is as likely on a logarithmic scale. */
const DURATIONS = [
  [1_000, 10_000],
  [10_000, 60_000],
  [60_000, 600_000],
] as const;

/** How callers of one kind knew. */
export interface KnownRun {
  /** "ours", or the client that polls. */
  readonly client: string;
  /** By its published schedule, and not by running it. */
  readonly isSimulated: boolean;
  readonly operations: number;
  readonly shortestMs: number;
  readonly longestMs: number;
  /** From the end of the operation until the caller knew, in ms; where it is measured, the median of the rounds. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** RPCs for one operation, in the mean. */
  readonly rpcs: number;
  /** Callers that gave up before. */
  readonly gaveUp: number;
}

/** Measures and simulates. */
export async function runKnown(): Promise<readonly KnownRun[]> {
  return [await measureHandle(), ...simulatePolling()];
}

/** One short operation after the other, on a machine that does nothing else: the delay begins when they end. */
async function measureHandle(): Promise<KnownRun> {
  await using field = await openField();
  await using peer = await field.open(ours);
  await using clients = field.openLoad();
  const random = seededRandom(SEED);
  const delaysMs: number[] = [];
  const durationsMs: number[] = [];
  let allRpcs = 0;
  for (let i = 0; i < WARM_UP + ROUNDS * WAITS; i++) {
    const begunMs = performance.now();
    const name = await peer.process.ask<PeerAnswers["begin"]>("begin");
    await clients.ask("wait", peer.ports.grpc, name);
    while ((await peer.process.ask<PeerAnswers["waiting"]>("waiting")) === 0) await pause(1);
    await pause(10 + 40 * random());
    durationsMs.push(performance.now() - begunMs);
    const endedUs = await peer.process.ask<PeerAnswers["end"]>("end");
    const { knownUs, rpcs } = await clients.ask<{ knownUs: number; rpcs: number }>("known");
    if (i < WARM_UP) continue;
    delaysMs.push((knownUs - endedUs) / 1_000);
    allRpcs += rpcs;
  }
  const rounds = Array.from({ length: ROUNDS }, (_, i) => delaysMs.slice(i * WAITS, (i + 1) * WAITS));
  const middle = (percent: number) => median(rounds.map((round) => percentile(round, percent)));
  return {
    ...{ client: "ours", isSimulated: false, operations: delaysMs.length, gaveUp: 0 },
    shortestMs: Math.min(...durationsMs),
    longestMs: Math.max(...durationsMs),
    p50Ms: middle(50),
    p99Ms: middle(99),
    rpcs: allRpcs / delaysMs.length,
  };
}

/** The same operations for each client. */
function simulatePolling(): KnownRun[] {
  return POLLING_CLIENTS.flatMap((client) =>
    DURATIONS.map(([shortestMs, longestMs]) => {
      const random = seededRandom(SEED);
      const polled = Array.from({ length: OPERATIONS }, () => {
        const durationMs = shortestMs * (longestMs / shortestMs) ** random();
        return pollUntilDone(client, durationMs, random);
      });
      const delaysMs = polled.flatMap(({ delayMs }) => delayMs ?? []);
      return {
        ...{ client: client.id, isSimulated: true, operations: OPERATIONS, shortestMs, longestMs },
        p50Ms: percentile(delaysMs, 50),
        p99Ms: percentile(delaysMs, 99),
        rpcs: polled.reduce((sum, { rpcs }) => sum + rpcs, 0) / OPERATIONS,
        gaveUp: OPERATIONS - delaysMs.length,
      };
    }),
  );
}
