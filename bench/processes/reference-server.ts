import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** This package's server, run as its users run it. */
export interface ReferenceServer extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
}

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Runs it with these flags. Resolves once it listens; rejects where it ends before. */
export async function openReferenceServer(...flags: readonly string[]): Promise<ReferenceServer> {
  const args = ["--import", "./scripts/run-from-source.js", "src/server/main.ts", "--port", "0", ...flags];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const port = await new Promise<number>((resolve, reject) => {
    createInterface(child.stdout).on("line", (line) => {
      const [, port] = /^listening on http:\/\/[^:]+:(\d+)/.exec(line) ?? [];
      if (port !== undefined) resolve(Number(port));
    });
    ended.then(() => reject(new Error("the server ended before it listened")), reject);
  });
  return {
    pid: child.pid ?? 0,
    port,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}
