import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What a piece of work took: on the clock, and of all the processor's cores together. */
export interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** Measures work. The processor time is that of the process, with all its threads. */
export async function costOf(work: () => unknown): Promise<Cost> {
  const cpuBefore = process.cpuUsage();
  const beginMs = performance.now();
  await work();
  const wallMs = performance.now() - beginMs;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { wallMs, cpuMs: (user + system) / 1_000 };
}

/** Calls for every item, with so many calls under way at any time. */
export async function keepInFlight<T>(
  inFlight: number,
  items: readonly T[],
  call: (item: T) => Promise<unknown>,
): Promise<void> {
  const left = items.values();
  const caller = async () => {
    for (const item of left) await call(item);
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
}

/** The value that so many of a hundred do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}

/** The value in the middle. */
export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** The figures of several runs, by what they are of, in the order in which they first came. */
export class Figures {
  readonly #values = new Map<string, number[]>();

  note(of: string, value: number): void {
    const values = this.#values.get(of);
    if (values === undefined) this.#values.set(of, [value]);
    else values.push(value);
  }

  clear(): void {
    this.#values.clear();
  }

  of(name: string): readonly number[] {
    return this.#values.get(name) ?? [];
  }

  /** The median of the ratios of one run each: what slows a whole run down, slows both. */
  ratio(of: string, to: string): number {
    const others = this.of(to);
    return median(this.of(of).map((value, run) => value / (others[run] ?? Number.NaN)));
  }

  /** Prints minimum, median and maximum of each. */
  print(title: string): void {
    const names = [...this.#values.keys()];
    const width = Math.max(title.length, ...names.map((name) => name.length));
    console.log(
      `\n${title.padEnd(width)} ${["min", "median", "max"].map((head) => head.padStart(10)).join("")}`,
    );
    for (const name of names) {
      const cells = [0, 50, 100].map((percent) => rounded(percentile(this.of(name), percent)).padStart(10));
      console.log(`${name.padEnd(width)} ${cells.join("")}`);
    }
  }
}

/** Prints a figure beside its goal, and fails the bench where it is missed. */
export function judge(
  what: string,
  value: number,
  goal: { readonly least: number } | { readonly below: number },
): void {
  const met = "least" in goal ? value >= goal.least : value < goal.below;
  const words = "least" in goal ? `at least ${goal.least}` : `below ${goal.below}`;
  console.log(`${met ? "met   " : "MISSED"} ${what}: ${rounded(value)}, the goal is ${words}`);
  if (!met) process.exitCode = 1;
}

/** A folder for the files of a bench, which goes away with all that is in it. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "longrunning-bench-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** A figure with three digits that mean something. */
export function rounded(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en-US");
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}
