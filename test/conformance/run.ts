import { spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { root, runner } from "./runner.ts";

/** What a server serves with (see stacks.ts). */
export type Stack = "serve" | "no-direct" | "bare-errors" | "connect-node";

/** A call that the runner has made, and all that it found wrong with the answer. */
export interface Case {
  readonly name: string;
  readonly faults: readonly string[];
}

const FEATURES = join(root, "test", "conformance", "features.yaml");
/** A server has 10 s to start: so many start at once that a busy machine of two cores is in time. */
const PARALLEL = ["--max-servers", "2"];
const SERVER = ["--import", "./scripts/run-from-source.js", "test/conformance/server.ts"];

/** The runner finds fault with a handler that hears of its deadline half a second late, as on a busy machine. */
const LATE = /^server echoed back a timeout/;

/** Runs all cases that are not among those to skip. Throws where the runner does not come to an end. */
export async function runConformance(stack: Stack, skip: readonly string[] = []): Promise<Case[]> {
  const cases = await run(stack, ["-p", "4", ...skip.flatMap((pattern) => ["--skip", pattern])]);
  const late = cases.filter(({ faults }) => faults.some((fault) => LATE.test(fault))).map(({ name }) => name);
  if (late.length === 0) return cases;
  console.log(`once more, with nothing beside them: ${late.join(", ")}`);
  const again = await run(stack, ["-p", "1", ...late.flatMap((name) => ["--run", name])]);
  return [...cases.filter(({ name }) => !late.includes(name)), ...again];
}

async function run(stack: Stack, options: readonly string[]): Promise<Case[]> {
  const all = ["--mode", "server", "--conf", FEATURES, "--vv", ...PARALLEL, ...options];
  const child = spawn(runner, [...all, "--", process.execPath, ...SERVER, stack], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_COMPILE_CACHE: join(root, ".tools", "compile-cache") },
    // Where a server does not answer, the runner waits for ever.
    timeout: 150_000,
  });
  return casesIn(await text(child.stdout));
}

/** Reads what the runner says, and holds it against its own count. */
function casesIn(said: string): Case[] {
  const faults = new Map<string, string[]>();
  for (const [, name = "", lines = ""] of said.matchAll(/^FAILED: (.*):\n((?:\t.*\n)*)/gm)) {
    faults.set(
      name,
      lines.split("\n").flatMap((line) => (line.trim() === "" ? [] : [line.trim()])),
    );
  }
  const names = new Set(
    Array.from(said.matchAll(/^Sending request for "(.*)"\.\.\.$/gm), ([, name = ""]) => name),
  );
  const cases = Array.from(names, (name) => ({ name, faults: faults.get(name) ?? [] }));
  const failed = cases.filter((one) => one.faults.length > 0).length;
  const count = `Total cases: ${cases.length}\n${cases.length - failed} passed, ${failed} failed\n`;
  if (!said.endsWith(count))
    throw new Error(`the runner did not end with ${count}, but so: ${said.slice(-2_000)}`);
  return cases;
}
