import { SqliteStore } from "longrunning/sqlite";
import { median } from "./figures.ts";
import { sampleName } from "./sample-operations.ts";

/** What a process that uses the file has measured. */
export interface MillionFigures {
  readonly startMs: number;
  readonly getUs: number;
  readonly listMs: number;
  readonly memoryMib: number;
}

// A process of million.ts: opens the file, and does the same work whatever the number of operations is.
const [file = "", count = "0"] = process.argv.slice(2);

/** A prime: in steps of it, all numbers come, each once, and neighbours lie far apart. */
const STEP = 514_229;
const nameAt = (i: number) => sampleName((i * STEP) % Number(count));

const beginMs = performance.now();
const store = await SqliteStore.open(file);
await store.get(nameAt(0));
const startMs = performance.now() - beginMs;

// As many as the smallest file has: each comes once, and so from the file.
const getsUs: number[] = [];
for (let i = 1; i < 1_000; i++) {
  const getMs = performance.now();
  if ((await store.get(nameAt(i))) === undefined) throw new Error(`operation ${i} is not kept`);
  getsUs.push((performance.now() - getMs) * 1_000);
}

const listsMs: number[] = [];
for (let i = 0; i < 200; i++) {
  const listMs = performance.now();
  const page = await store.list({ parent: "", limit: 51 });
  if (page.length !== 51) throw new Error(`the page has ${page.length} operations`);
  listsMs.push(performance.now() - listMs);
}

// More of the same for the caches to fill.
for (let i = 0; i < 20_000; i++) await store.get(nameAt(i));

const memoryMib = process.memoryUsage.rss() / 2 ** 20;
const figures: MillionFigures = { startMs, getUs: median(getsUs), listMs: median(listsMs), memoryMib };
await new Promise((resolve) => process.send?.(figures, resolve));
process.disconnect();
await store[Symbol.asyncDispose]();
