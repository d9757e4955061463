import { fork } from "node:child_process";
import { once } from "node:events";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { Figures, judge, median, rounded, temporaryFolder } from "./figures.ts";
import type { MillionFigures } from "./million-server.ts";
import { writeSampleDatabase } from "./sample-database.ts";

// What a million stored operations cost beside a thousand: start-up, Get, the first page of List, memory.
// Each run is a fresh process that opens the file and does the same work, whatever the number is.
const RUNS = 5;
const COUNTS = [1_000, 100_000, 1_000_000] as const;

const MOST_START_MS = 1_000;
const MOST_RATIO = 1.5;
/**
 * What a thousand operations do not fill: the page caches of two connections, 16 MiB each, and the store's cache
 * of operations, 32 MiB; and some noise.
 */
const MOST_MORE_MIB = 2 * 16 + 32 + 16;
const MOST_MEMORY_RATIO = 1.15;

/** Runs a process that uses the file. */
async function measure(file: string, count: number): Promise<MillionFigures> {
  const child = fork(join(import.meta.dirname, "million-server.ts"), [file, String(count)]);
  const ended = once(child, "exit");
  const [figures] = await Promise.race([once(child, "message"), ended]);
  const [code] = await ended;
  if (code !== 0) throw new Error(`the process that uses ${count} operations ended with ${code}`);
  return figures;
}

await using folder = await temporaryFolder();
const fileOf = (count: number) => join(folder.path, `${count}.db`);
for (const count of COUNTS) {
  const beginMs = performance.now();
  writeSampleDatabase(fileOf(count), count);
  const { size } = await stat(fileOf(count));
  const seconds = (performance.now() - beginMs) / 1_000;
  console.log(
    `${count.toLocaleString("en-US")} operations: ${rounded(size / 1e6)} MB, written in ${rounded(seconds)} s`,
  );
}
const figures = {
  startMs: new Figures(),
  getUs: new Figures(),
  listMs: new Figures(),
  memoryMib: new Figures(),
};
for (let run = 0; run < RUNS; run++) {
  for (const count of COUNTS) {
    const measured = await measure(fileOf(count), count);
    for (const what of ["startMs", "getUs", "listMs", "memoryMib"] as const) {
      figures[what].note(count.toLocaleString("en-US"), measured[what]);
    }
  }
}
figures.startMs.print("from open to the first answered Get, ms");
figures.getUs.print("Get, random, not in the cache, one at a time, µs");
figures.listMs.print("first page of List, 50 operations, ms");
figures.memoryMib.print("resident memory after the same work, MiB");
const [few, some, many] = ["1,000", "100,000", "1,000,000"] as const;
console.log();
judge("start-up with a million, ms", median(figures.startMs.of(many)), { below: MOST_START_MS });
judge("Get, a million to a thousand", figures.getUs.ratio(many, few), { below: MOST_RATIO });
judge("List, a million to a thousand", figures.listMs.ratio(many, few), { below: MOST_RATIO });
const more = median(figures.memoryMib.of(many)) - median(figures.memoryMib.of(few));
judge("resident memory, a million more than a thousand, MiB", more, { below: MOST_MORE_MIB });
judge("resident memory, a million to a hundred thousand", figures.memoryMib.ratio(many, some), {
  below: MOST_MEMORY_RATIO,
});
