import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { otherUser, postgresBinaries } from "./postgres-binaries.ts";

/** PostgreSQL on a data folder, which ends and comes back as a test will have it. */
export interface PostgresProcess extends AsyncDisposable {
  readonly port: number;
  /** Stops it as a crash would: without a word to its clients, and without writing what is in memory. */
  crash(): Promise<void>;
  /** Ends its first process with SIGKILL, and resolves when the others are gone too. */
  kill(): Promise<void>;
  /** Starts it again on what it has on disk. */
  restart(): Promise<void>;
}

/** Runs PostgreSQL on a data folder, below the folder that is also for its sockets. */
export async function runPostgres(
  folder: string,
  port: number,
  settings: Readonly<Record<string, string>>,
): Promise<PostgresProcess> {
  const user = otherUser();
  const all = { listen_addresses: "127.0.0.1", unix_socket_directories: folder, ...settings };
  const flags = Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const run = async () => {
    const child = spawn(
      join(postgresBinaries(user), "postgres"),
      ["-D", join(folder, "data"), "-p", String(port), ...flags],
      {
        ...user,
        env: { ...process.env, LC_ALL: "C" },
        cwd: folder,
        stdio: ["ignore", "ignore", "pipe"],
      },
    );
    const exited = once(child, "close");
    await ready(child);
    return { child, exited };
  };
  let running = await run();
  const end = async (signal: NodeJS.Signals) => {
    running.child.kill(signal);
    await running.exited;
  };
  return {
    port,
    // An immediate shutdown.
    crash: () => end("SIGQUIT"),
    // Its other processes notice, and close the pipe that they share with it.
    kill: () => end("SIGKILL"),
    async restart() {
      running = await run();
    },
    [Symbol.asyncDispose]: () => end("SIGQUIT"),
  };
}

/** Resolves once PostgreSQL says that it takes connections. */
async function ready(child: ChildProcess): Promise<void> {
  let said = "";
  child.stderr?.setEncoding("utf8");
  await new Promise<void>((resolve, reject) => {
    child.stderr?.on("data", (text: string) => {
      said += text;
      if (/ready to accept (read-only )?connections/.test(said)) resolve();
    });
    child.once("close", () => reject(new Error(`PostgreSQL did not start: ${said}`)));
  });
  // What it says from now on is nobody's concern, but must be read.
  child.stderr?.removeAllListeners("data").resume();
}
