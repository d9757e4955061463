import { type ChildProcess, type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** A file of this checkout that runs as a process of its own, as `npm start` would run it. */
export interface SourceProcess extends AsyncDisposable {
  readonly process: ChildProcess;
  /** The lines that it has printed so far, errors included. */
  readonly lines: readonly string[];
  /** Resolves with the first line that matches. Rejects where the process ends without one. */
  line(pattern: RegExp): Promise<string>;
  /** Resolves with the exit code. */
  exit(): Promise<number | null>;
}

export function runSource(
  file: string,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): SourceProcess {
  return runNode(["--import", "./scripts/run-from-source.js", file, ...args], env);
}

/** Node with these arguments, as a process of its own, in this folder. */
export function runNode(
  args: readonly string[],
  env: Record<string, string> = {},
  cwd: string = root,
): SourceProcess {
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return listened(child, args.join(" "), () => child.kill("SIGKILL"));
}

/** A line of the shell in this folder. What it starts is a group of processes, all of which end with it. */
export function runShell(line: string, cwd: string, env: NodeJS.ProcessEnv = process.env): SourceProcess {
  const child = spawn("sh", ["-euc", line], {
    ...{ cwd, env, detached: true },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const kill = () => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
      process.kill(-child.pid, "SIGKILL");
  };
  // A terminal's Ctrl-C does not reach a group of its own.
  process.once("exit", kill);
  child.once("close", () => process.removeListener("exit", kill));
  return listened(child, line, kill);
}

function listened(
  child: ChildProcessByStdio<null, Readable, Readable>,
  what: string,
  kill: () => void,
): SourceProcess {
  const exited = once(child, "close").then(([code]) => code as number | null);
  const lines: string[] = [];
  const readers = [createInterface(child.stdout), createInterface(child.stderr)];
  for (const reader of readers) reader.on("line", (line) => lines.push(line));
  return {
    process: child,
    lines,
    exit: () => exited,
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = lines.find((line) => pattern.test(line));
          if (found !== undefined) resolve(found);
        };
        for (const reader of readers) reader.on("line", look);
        exited.then(() => reject(new Error(`${what} ended: ${lines.join("\n")}`)));
        look();
      }),
    async [Symbol.asyncDispose]() {
      kill();
      await exited;
    },
  };
}

/** Runs a server and answers where it listens, once it does. */
export async function listeningUrl(server: SourceProcess): Promise<string> {
  const line = await server.line(/^listening on /);
  return line.slice("listening on ".length).split(" ")[0] ?? "";
}
