import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../src/server/main.ts", import.meta.url));

/** A server of the simulator, as a process of its own. */
export interface ServerProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  /** The lines that it has written to its standard output. */
  readonly lines: readonly string[];
  /** The first line like this, once there is one. Rejects where the process ends before. */
  line(pattern: RegExp): Promise<string>;
  readonly ended: Promise<{ readonly code: number | null; readonly err: string }>;
}

/** Runs it with operations in memory on ports that are free. Node gets `nodeOptions`. It ends with the test. */
export function runServerProcess(
  args: readonly string[],
  nodeOptions: readonly string[] = [],
): ServerProcess {
  const own = ["--port", "0", "--store", "memory", "--simulator", "--grace", "1s"];
  const child = spawn(process.execPath, [...nodeOptions, MAIN, ...own, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  let rest = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const pieces = (rest + text).split("\n");
    rest = pieces.pop() ?? "";
    lines.push(...pieces);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text;
  });
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, err }));
  return {
    child,
    lines,
    ended,
    async line(pattern) {
      for (;;) {
        const found = lines.find((line) => pattern.test(line));
        if (found !== undefined) return found;
        const isOver = await Promise.race([
          once(child.stdout, "data").then(() => false),
          ended.then(() => true),
        ]);
        if (isOver) throw new Error(`the server ended: ${err}`);
      }
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** The address in a line that says where something is. */
export function urlIn(line: string): string {
  return /http:[^\s"]+/.exec(line)?.[0] ?? "";
}
