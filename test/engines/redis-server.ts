import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Redis } from "ioredis";
import { freePort } from "../postgres/free-port.ts";

/** How often another port is tried, where somebody takes the free one before Redis does. */
const MOST_TRIES = 5;

/** A Redis for a test, and keys of its own in it. */
export interface TestRedis extends AsyncDisposable {
  readonly url: string;
  /** What the keys of this test begin with. */
  readonly prefix: string;
}

/** A Redis of a test's own, on loopback, which ends and comes back as the test will have it. */
export interface RedisServer extends TestRedis {
  readonly port: number;
  /** Ends it with SIGKILL: without a word to its clients, and without writing what is in memory. */
  kill(): Promise<void>;
  /** Starts it again on what it has on disk. */
  restart(): Promise<void>;
  /** Lets it stand still, as a machine does that is gone without a word, or go on. */
  freeze(): void;
  thaw(): void;
}

/** Redis: that which the environment names in TEST_REDIS_URL, or one that is started for it. */
export async function openRedis(): Promise<TestRedis> {
  const url = process.env["TEST_REDIS_URL"];
  if (url === undefined) return startRedis();
  const prefix = `{test-${randomUUID()}}`;
  return { url, prefix, [Symbol.asyncDispose]: () => forget(url, prefix) };
}

/** Runs Redis in a folder of its own. It forgets all when it ends, unless its settings keep it. */
export async function startRedis(settings: Readonly<Record<string, string>> = {}): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), "longrunning-redis-"));
  let { port, child } = await runOnFreePort(folder, settings);
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "close");
    child.kill(signal);
    await exited;
  };
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    prefix: "{longrunning}",
    kill: () => end("SIGKILL"),
    freeze: () => void child.kill("SIGSTOP"),
    thaw: () => void child.kill("SIGCONT"),
    async restart() {
      child = await run(folder, port, settings);
    },
    async [Symbol.asyncDispose]() {
      await end("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function runOnFreePort(folder: string, settings: Readonly<Record<string, string>>) {
  for (let tries = 1; ; tries++) {
    const port = await freePort();
    try {
      return { port, child: await run(folder, port, settings) };
    } catch (error) {
      if (tries === MOST_TRIES) throw error;
    }
  }
}

async function run(
  folder: string,
  port: number,
  settings: Readonly<Record<string, string>>,
): Promise<ChildProcess> {
  const all = { port: String(port), bind: "127.0.0.1", dir: folder, save: "", appendonly: "no", ...settings };
  const flags = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]);
  const child = spawn(redisBinary(), flags, { cwd: folder, stdio: ["ignore", "pipe", "ignore"] });
  const said: string[] = [];
  const lines = createInterface(child.stdout);
  await new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => reject(new Error(`Redis did not start: ${said.join("\n")}`)));
    lines.on("line", (line) => {
      said.push(line);
      if (line.includes("Ready to accept connections")) resolve();
    });
  });
  // What it says from now on is nobody's concern, but must be read.
  lines.removeAllListeners("line").on("line", () => {});
  return child;
}

function redisBinary(): string {
  for (const binary of ["redis-server", "/usr/bin/redis-server"]) {
    try {
      execFileSync(binary, ["--version"], { stdio: "ignore" });
      return binary;
    } catch {
      // Another place may have it.
    }
  }
  throw new Error("there is no redis-server here: `node scripts/install-engines.js` installs it");
}

async function forget(url: string, prefix: string): Promise<void> {
  const redis = new Redis(url);
  for await (const keys of redis.scanStream({ match: `${prefix}:*` })) {
    if (keys.length > 0) await redis.del(...keys);
  }
  await redis.quit();
}
