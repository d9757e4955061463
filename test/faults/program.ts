import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A program of this checkout in a process of its own. It ends, by SIGKILL at the latest, with its scope. */
export interface Program extends AsyncDisposable {
  readonly process: ChildProcess;
  readonly pid: number;
  /** What it has printed so far, each on its own. */
  readonly out: readonly string[];
  readonly err: readonly string[];
  /** Resolves with the exit code; null where a signal ended it. */
  readonly ended: Promise<number | null>;
  /** Resolves with the first line on stdout. Rejects where it ends without one. */
  firstLine(): Promise<string>;
  /** Ends it with SIGKILL, and resolves when it is gone. */
  kill(): Promise<void>;
  /** Ends it with SIGTERM, and resolves with its exit code. */
  stop(): Promise<number | null>;
}

/** Runs a file with this process's Node. `preload` is a module that is loaded before all others, in its threads too. */
export function runProgram(
  file: string,
  args: readonly string[],
  options: { readonly preload?: string; readonly env?: Record<string, string>; readonly uid?: number } = {},
): Program {
  const { preload, env, uid } = options;
  const preloads = ["./scripts/run-from-source.js", ...(preload === undefined ? [] : [preload])];
  const child = spawn(
    process.execPath,
    [...preloads.flatMap((module) => ["--import", module]), file, ...args],
    {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      ...(uid === undefined ? {} : { uid, gid: uid }),
    },
  );
  const [out, err]: [string[], string[]] = [[], []];
  const printing = createInterface(child.stdout).on("line", (line) => out.push(line));
  createInterface(child.stderr).on("line", (line) => err.push(line));
  const ended = once(child, "close").then(([code]) => code as number | null);
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    return ended;
  };
  return {
    process: child,
    pid: child.pid ?? 0,
    out,
    err,
    ended,
    async firstLine() {
      while (out[0] === undefined) {
        const over = await Promise.race([once(printing, "line").then(() => false), ended.then(() => true)]);
        if (over && out[0] === undefined) throw new Error(`${file} ended: ${err.join("\n")}`);
      }
      return out[0];
    },
    kill: async () => void (await end("SIGKILL")),
    stop: () => end("SIGTERM"),
    async [Symbol.asyncDispose]() {
      await end("SIGKILL");
    },
  };
}

/** Stops a process as it is, and resolves once none of its threads runs. */
export async function freeze(program: Program): Promise<void> {
  program.process.kill("SIGSTOP");
  while (!threadStates(program.pid).every((state) => state === "T")) await pause(1);
}

export function thaw(program: Program): void {
  program.process.kill("SIGCONT");
}

function threadStates(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`).map((task) => {
    const stat = readFileSync(`/proc/${pid}/task/${task}/stat`, "utf8");
    // The state follows the name, which is in parentheses and may hold anything.
    return stat.slice(stat.lastIndexOf(")") + 2).charAt(0);
  });
}

/** Runs a command of the machine. Throws what it says on stderr. */
export function command(name: string, ...args: readonly string[]): void {
  execFileSync(name, args, { stdio: ["ignore", "ignore", "pipe"] });
}

/** Whether a command can be run at all. */
export function isInstalled(name: string, ...args: readonly string[]): boolean {
  try {
    command(name, ...args);
    return true;
  } catch {
    return false;
  }
}

export const isRoot = process.getuid?.() === 0;

/** Prints what a fault test has counted. */
export function report(fault: string, figures: Readonly<Record<string, number | string>>): void {
  const text = Object.entries(figures).map(([name, figure]) => `${name} ${figure}`);
  console.log(`${fault}: ${text.join(", ")}`);
}

/** How often something is done: `usual`, or what the environment says. */
export function cycles(usual: number, variable = "FAULT_CYCLES"): number {
  return Number(process.env[variable] ?? usual);
}
