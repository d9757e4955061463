import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { chownSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { otherUser, postgresBinaries } from "./postgres-binaries.ts";

const USER = "longrunning";

/** A PostgreSQL of the tests' own, on loopback. */
export interface PostgresServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Stops it as a crash would: without a word to its clients, and without writing what is in memory. */
  crash(): Promise<void>;
  /** Starts it again on what it has on disk. */
  restart(): Promise<void>;
}

/** An empty database, until it is disposed of. */
export interface EmptyDatabase extends AsyncDisposable {
  readonly url: string;
}

/**
 * An empty database: on the server that the environment names in TEST_POSTGRES_URL, whose user may create
 * databases and roles, or on one that is started for it.
 */
export async function openEmptyDatabase(): Promise<EmptyDatabase> {
  const url = process.env["TEST_POSTGRES_URL"];
  return url === undefined ? startPostgres({ fsync: "off" }) : newDatabase(url);
}

async function newDatabase(url: string): Promise<EmptyDatabase> {
  const name = `longrunning_test_${randomUUID().replaceAll("-", "")}`;
  await ask(url, `create database ${name}`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  return {
    url: own.href,
    [Symbol.asyncDispose]: () => ask(url, `drop database ${name} with (force)`),
  };
}

async function ask(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

/** Makes an empty database and runs PostgreSQL on it, until it is disposed of. */
export async function startPostgres(
  settings: Readonly<Record<string, string>> = {},
): Promise<PostgresServer> {
  const user = otherUser();
  const binaries = postgresBinaries(user);
  const folder = mkdtempSync(join(tmpdir(), "longrunning-postgres-"));
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, "data");
  const init = ["-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"];
  const env = { ...process.env, LC_ALL: "C" };
  execFileSync(join(binaries, "initdb"), init, { ...user, env, cwd: folder, stdio: "ignore" });
  const port = await freePort();
  const all = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: folder,
    max_connections: "200",
    ...settings,
  };
  const flags = Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const run = async () => {
    const child = spawn(join(binaries, "postgres"), ["-D", data, "-p", String(port), ...flags], {
      ...user,
      env,
      cwd: folder,
      stdio: ["ignore", "ignore", "pipe"],
    });
    const exited = once(child, "close");
    await ready(child);
    return { child, exited };
  };
  let running = await run();
  const crash = async () => {
    running.child.kill("SIGQUIT");
    await running.exited;
  };
  return {
    url: `postgres://${USER}@127.0.0.1:${port}/postgres`,
    port,
    crash,
    async restart() {
      running = await run();
    },
    async [Symbol.asyncDispose]() {
      await crash();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves once PostgreSQL says that it takes connections. */
async function ready(child: ChildProcess): Promise<void> {
  let said = "";
  child.stderr?.setEncoding("utf8");
  await new Promise<void>((resolve, reject) => {
    child.stderr?.on("data", (text: string) => {
      said += text;
      if (said.includes("ready to accept connections")) resolve();
    });
    child.once("close", () => reject(new Error(`PostgreSQL did not start: ${said}`)));
  });
  // What it says from now on is nobody's concern, but must be read.
  child.stderr?.removeAllListeners("data").resume();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("there is no free port");
  return address.port;
}
