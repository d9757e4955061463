import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { isInstalled, type Program } from "./program.ts";

/** Why system calls cannot be made to fail here; undefined where they can. */
export function whyNoInjection(): string | undefined {
  return isInstalled("strace", "-e", "inject=fsync:error=EIO:when=1..2", "true")
    ? undefined
    : "it needs strace 5 or newer, and the right to trace";
}

/** Has system calls of a running process fail while the scope lasts: `inject=` of strace(1). */
export async function injected(program: Program, injection: string): Promise<AsyncDisposable> {
  const calls = injection.slice(0, injection.indexOf(":"));
  const strace = spawn(
    "strace",
    ["-f", "-q", "-p", String(program.pid), "-e", `trace=${calls}`, "-e", `inject=${injection}`],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const ended = once(strace, "close");
  // It prints the first failed call when it is there.
  await Promise.race([once(strace.stderr, "data"), pause(5_000)]);
  strace.stderr.resume();
  return {
    async [Symbol.asyncDispose]() {
      // It lets the process go, and lets it be.
      strace.kill("SIGINT");
      await ended;
    },
  };
}
