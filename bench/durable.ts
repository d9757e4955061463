import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { SqliteStore } from "longrunning/sqlite";
import type { StoredOperation } from "../src/operation/stored-operation.ts";
import { update } from "../src/store/update.ts";
import { BareLoop, insertValues, swapValues } from "./bare-loop.ts";
import {
  type Cost,
  costOf,
  Figures,
  judge,
  keepInFlight,
  median,
  percentile,
  temporaryFolder,
} from "./figures.ts";
import { endSample, sampleRunning } from "./sample-operations.ts";

// What durability costs in the store, beside a bare loop over node:sqlite that does nothing else: inserts and
// completions with 1,000 in flight, and one caller alone. The bare loop does what a completion in the store does
// (read, make the transition, swap), and once more only the swap, of values that were ready beforehand.
// Each run has both, on new files, one after the other.
const RUNS = 7;
const IN_FLIGHT = 1_000;
const ROUNDS = 4;
const OPERATIONS = 10_000;
const ALONE = 500;

const LEAST_RATIO = 0.8;
const MOST_DELAY_MS = 10;

const rates = new Figures();
const costs = new Figures();
const delays = new Figures();
const latencies = new Figures();

/** Notes what the rounds of a run took together. */
function note(of: string, rounds: readonly Cost[]): void {
  const operations = rounds.length * OPERATIONS;
  const wallMs = rounds.reduce((sum, cost) => sum + cost.wallMs, 0);
  const cpuMs = rounds.reduce((sum, cost) => sum + cost.cpuMs, 0);
  rates.note(of, operations / (wallMs / 1_000));
  costs.note(of, (cpuMs * 1_000) / operations);
}

async function measureStore(file: string): Promise<void> {
  await using store = await SqliteStore.open(file);
  const inserts: Cost[] = [];
  const completions: Cost[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const operations = numbersOf(round).map(sampleRunning);
    inserts.push(await costOf(() => keepInFlight(IN_FLIGHT, operations, (stored) => store.insert(stored))));
    const names = operations.map(({ name }) => name);
    // A new one each time: where one is enabled again, it takes the time between for a delay.
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    completions.push(
      await costOf(() => keepInFlight(IN_FLIGHT, names, (name) => update(store, name, endSample))),
    );
    delay.disable();
    for (const percent of [50, 99, 100]) delays.note(`p${percent}`, delay.percentile(percent) / 1e6);
  }
  note("inserts: store", inserts);
  note("completions: store", completions);
  const alone = numbersOf(ROUNDS).slice(0, ALONE).map(sampleRunning);
  await keepInFlight(ALONE, alone, (stored) => store.insert(stored));
  await noteAlone("store", alone, ({ name }) => update(store, name, endSample));
}

async function measureBareLoop(file: string): Promise<void> {
  using loop = new BareLoop(file);
  const inserts: Cost[] = [];
  const completions: Cost[] = [];
  const swaps: Cost[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const operations = numbersOf(round).map(sampleRunning);
    const values = operations.map(insertValues);
    inserts.push(await costOf(() => loop.insert(values, IN_FLIGHT)));
    const names = operations.map(({ name }) => name);
    // In every other round one, in the rounds between the other: no operation ends twice.
    if (round % 2 === 0) {
      completions.push(await costOf(() => loop.update(names, IN_FLIGHT, endSample)));
    } else {
      const ends = operations.map((stored) => swapValues({ ...endSample(stored), revision: 2 }));
      swaps.push(await costOf(() => loop.swap(ends, IN_FLIGHT)));
    }
  }
  note("inserts: bare loop", inserts);
  note("completions: bare loop", completions);
  note("completions: bare loop, values ready", swaps);
  const alone = numbersOf(ROUNDS).slice(0, ALONE).map(sampleRunning);
  loop.insert(alone.map(insertValues), ALONE);
  await noteAlone("bare loop", alone, ({ name }) => loop.update([name], 1, endSample));
}

function numbersOf(round: number): number[] {
  return Array.from({ length: OPERATIONS }, (_, i) => round * OPERATIONS + i);
}

/** Notes what each of some operations took, one after the other. */
async function noteAlone(
  of: string,
  operations: readonly StoredOperation[],
  end: (stored: StoredOperation) => unknown,
): Promise<void> {
  const tookMs: number[] = [];
  for (const stored of operations) {
    const beginMs = performance.now();
    await end(stored);
    tookMs.push(performance.now() - beginMs);
  }
  for (const percent of [50, 99]) latencies.note(`${of}: p${percent}`, percentile(tookMs, percent));
}

await using folder = await temporaryFolder();
// The first run warms up, and does not count.
for (let run = 0; run <= RUNS; run++) {
  const measures = [
    () => measureStore(join(folder.path, `store-${run}.db`)),
    () => measureBareLoop(join(folder.path, `bare-${run}.db`)),
  ];
  for (const measure of run % 2 === 0 ? measures : measures.reverse()) await measure();
  if (run === 0) for (const figures of [rates, costs, delays, latencies]) figures.clear();
}
rates.print(`operations/s, ${IN_FLIGHT} in flight`);
costs.print("processor time, µs per operation");
delays.print("event loop: from one 1 ms timer to the next, ms");
latencies.print("one completion at a time, ms");
console.log();
const ratioOf = (what: string, loop: string) => rates.ratio(`${what}: store`, `${what}: ${loop}`);
console.log(`       inserts, store to bare loop: ${ratioOf("inserts", "bare loop").toFixed(2)}`);
const toReady = ratioOf("completions", "bare loop, values ready");
console.log(`       completions, store to bare loop with its values ready: ${toReady.toFixed(2)}`);
judge("completions, store to bare loop", ratioOf("completions", "bare loop"), { least: LEAST_RATIO });
judge("event loop p99 in ms while they are made", median(delays.of("p99")), { below: MOST_DELAY_MS });
