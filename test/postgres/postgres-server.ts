import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ask } from "./ask.ts";
import { freePort } from "./free-port.ts";
import { otherUser, postgresBinaries } from "./postgres-binaries.ts";
import { type PostgresProcess, runPostgres } from "./postgres-process.ts";

const USER = "longrunning";

/** A PostgreSQL of the tests' own, on loopback. */
export interface PostgresServer extends PostgresProcess {
  readonly url: string;
  /** Its data folder. */
  readonly data: string;
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
    [Symbol.asyncDispose]: async () => void (await ask(url, `drop database ${name} with (force)`)),
  };
}

/** Makes an empty database and runs PostgreSQL on it, until it is disposed of. */
export async function startPostgres(
  settings: Readonly<Record<string, string>> = {},
): Promise<PostgresServer> {
  const init = ["-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"];
  return startOn((data) => run("initdb", ["-D", data, ...init]), settings);
}

/**
 * Copies another PostgreSQL, and runs the copy as its standby, which has its changes from that port on: its own, or
 * that of a proxy before it. Needs pg_basebackup, which Debian's packages have and npm's have not.
 */
export async function startStandby(
  port: number,
  settings: Readonly<Record<string, string>> = {},
): Promise<PostgresServer> {
  const source = `host=127.0.0.1 port=${port} user=${USER} application_name=standby`;
  const copy = ["-d", source, "-R", "-X", "stream", "-c", "fast", "--no-sync"];
  return startOn((data) => run("pg_basebackup", ["-D", data, ...copy]), settings);
}

/** Runs a copy of what another PostgreSQL, which must stand still, has on disk: promoted, as a restored backup is. */
export async function startPromotedCopy(original: PostgresServer): Promise<PostgresServer> {
  const copy = async (data: string) => {
    await promisify(execFile)("cp", ["-a", original.data, data]);
    writeFileSync(join(data, "recovery.signal"), "");
  };
  // There is no archive: what is in the folder is all that there is.
  return startOn(copy, { restore_command: "false", hot_standby: "off" });
}

async function startOn(
  make: (data: string) => Promise<void>,
  settings: Readonly<Record<string, string>>,
): Promise<PostgresServer> {
  const user = otherUser();
  const folder = mkdtempSync(join(tmpdir(), "longrunning-postgres-"));
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  await make(join(folder, "data"));
  const port = await freePort();
  const running = await runPostgres(folder, port, { max_connections: "200", ...settings });
  return {
    ...running,
    data: join(folder, "data"),
    url: `postgres://${USER}@127.0.0.1:${port}/postgres`,
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

// Asynchronous, for a proxy of this process may be what it copies through.
async function run(program: string, args: readonly string[]): Promise<void> {
  const user = otherUser();
  const env = { ...process.env, LC_ALL: "C" };
  await promisify(execFile)(join(postgresBinaries(user), program), args, { ...user, env, cwd: tmpdir() });
}
