import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { root } from "../examples/source-process.ts";

/** What a run of `longrunning` has left behind. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A run of `longrunning` that goes on. */
export interface RunningCli extends AsyncDisposable {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves once what it has said beside its output matches. Rejects where it ends without. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves once its output matches. Rejects where it ends without. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
}

/** How it is run: `sources` without a build. */
export const PROGRAM = [
  process.execPath,
  "--import",
  "./scripts/run-from-source.js",
  "src/cli/main.ts",
] as const;

/** An environment without anything that a person has set up for it. */
export function environment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(LONGRUNNING_|NO_COLOR|FORCE_COLOR)/.test(name),
  );
  return { ...Object.fromEntries(kept), XDG_CONFIG_HOME: "/nowhere", ...more };
}

/** Starts it. */
export function startCli(args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningCli {
  const [file, ...rest] = PROGRAM;
  const child = spawn(file, [...rest, ...args], {
    cwd: root,
    env: environment(env),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [out, err] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text;
  });
  const ended = once(child, "close").then(([code]): Ended => ({ code: code as number | null, out, err }));
  const matches = (stream: NodeJS.ReadableStream, text: () => string, pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(text());
        if (match !== null) resolve(match);
      };
      stream.on("data", look);
      ended.then(() => reject(new Error(`it ended with ${child.exitCode}: ${out}${err}`)));
      look();
    });
  return {
    process: child,
    ended,
    said: (pattern) => matches(child.stderr, () => err, pattern),
    printed: (pattern) => matches(child.stdout, () => out, pattern),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Runs it to its end. */
export async function runCli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  await using run = startCli(args, env);
  return await run.ended;
}

/** Where a run of `longrunning serve` listens, once it does. */
export async function listeningUrl(serving: RunningCli): Promise<string> {
  const line = await serving.printed(/^listening on (\S+)/);
  return line[1] ?? "";
}
