import { randomUUID } from "node:crypto";
import { chownSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PostgresStore, type PostgresStoreOptions } from "../../../src/store/postgres/postgres-store.ts";
import { keep, running } from "../../../src/testing/store-contract/sample-operations.ts";
import { ask } from "../../postgres/ask.ts";
import { otherUser } from "../../postgres/postgres-binaries.ts";
import { type PostgresServer, startPostgres } from "../../postgres/postgres-server.ts";

const FIXTURES = fileURLToPath(new URL("../../server/fixtures", import.meta.url));
const CERT = join(FIXTURES, "cert.pem");
const KEY = join(FIXTURES, "key.pem");

/** A password with every character that means something in an address. */
const PASSWORD = "p@ss/w%rd:?#&=+ ü";

/** Who may connect, and how: `certified` with a certificate over TLS, `secret` with a password, the rest as they like. */
const WHO_MAY = `
hostssl all certified all trust clientcert=verify-ca
host all certified all reject
host all secret all scram-sha-256
host all all all trust
local all all trust
`;

let folder: string;
let server: PostgresServer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "longrunning-tls-"));
  const own = (name: string) => {
    const user = otherUser();
    const file = join(folder, name);
    if (user !== undefined) chownSync(file, user.uid, user.gid);
    return file;
  };
  cpSync(CERT, join(folder, "cert.pem"));
  writeFileSync(join(folder, "key.pem"), readFileSync(KEY), { mode: 0o600 });
  writeFileSync(join(folder, "hba.conf"), WHO_MAY);
  const user = otherUser();
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  server = await startPostgres({
    fsync: "off",
    ssl: "on",
    ssl_cert_file: own("cert.pem"),
    ssl_key_file: own("key.pem"),
    ssl_ca_file: own("cert.pem"),
    hba_file: own("hba.conf"),
  });
  for (const role of ["certified", "secret"]) await ask(server.url, `create role ${role} superuser login`);
  await ask(server.url, `alter role secret password '${PASSWORD}'`);
}, 60_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** The server's address, with another user and these parameters. */
function address(user: string, parameters: Readonly<Record<string, string>> = {}): string {
  const url = new URL(server.url);
  url.username = user;
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

/** Uses all connections of a store: the pool's, the one that listens, and the one that renews leases. */
async function useAll(url: string, options: PostgresStoreOptions = {}) {
  await using store = await PostgresStore.open(url, { schema: randomUUID(), ...options });
  await keep(store, running("a"));
  await (await store.hold("o1", 60_000)).release();
  return await ask<{ ssl: boolean; name: string }>(
    server.url,
    `select distinct ssl, application_name as name from pg_stat_activity join pg_stat_ssl using (pid)
     where pid <> pg_backend_pid() and backend_type = 'client backend'`,
  );
}

/** What opening a store is refused with. */
async function refusal(url: string, options: PostgresStoreOptions = {}): Promise<Error> {
  const opened = await PostgresStore.open(url, options).catch((error: unknown) => error);
  if (opened instanceof Error) return opened;
  throw new Error(`the database was not refused, but ${opened}`);
}

describe("all connections of a store", () => {
  it.each(["verify-full", "require", "verify-ca"])("use TLS with sslmode=%s", async (sslmode) => {
    expect(await useAll(address("longrunning", { sslmode, sslrootcert: CERT }))).toEqual([
      { ssl: true, name: "longrunning" },
    ]);
  });

  it("use TLS with sslmode=no-verify and an authority that nobody knows", async () => {
    expect(await useAll(address("longrunning", { sslmode: "no-verify" }))).toEqual([
      { ssl: true, name: "longrunning" },
    ]);
  });

  it("show a certificate that the address names", async () => {
    const parameters = { sslmode: "verify-full", sslrootcert: CERT, sslcert: CERT, sslkey: KEY };
    expect(await useAll(address("certified", parameters))).toEqual([{ ssl: true, name: "longrunning" }]);
  });

  it("show a certificate that the options have", async () => {
    const cert = readFileSync(CERT, "utf8");
    const tls = { ca: cert, cert, key: readFileSync(KEY, "utf8") };
    expect(await useAll(address("certified"), { tls })).toEqual([{ ssl: true, name: "longrunning" }]);
  });

  it("have the name that the address gives them", async () => {
    expect(await useAll(address("longrunning", { application_name: "shop" }))).toEqual([
      { ssl: false, name: "shop" },
    ]);
  });

  it("give a password of any characters", async () => {
    const url = new URL(address("secret"));
    url.password = encodeURIComponent(PASSWORD);
    expect(await useAll(url.href)).toEqual([{ ssl: false, name: "longrunning" }]);
  });

  it("go through a Unix socket", async () => {
    const { port } = new URL(server.url);
    const parameters = new URLSearchParams({ host: dirOf(server), port, user: "longrunning" });
    expect(await useAll(`postgres:///postgres?${parameters}`)).toEqual([{ ssl: false, name: "longrunning" }]);
  });

  it("have the settings that the address gives them", async () => {
    const url = address("longrunning", { options: "-c statement_timeout=1ms -c lock_timeout=1ms" });
    expect((await refusal(url)).message).toContain("statement timeout");
  });
});

describe("a database is refused", () => {
  it("whose certificate is from an authority that nobody knows", async () => {
    expect((await refusal(address("longrunning", { sslmode: "require" }))).message).toContain("self-signed");
  });

  it("where address and options both speak of TLS", async () => {
    const url = address("longrunning", { sslmode: "require" });
    expect((await refusal(url, { tls: {} })).message).toContain("it speaks of TLS, and so do the options");
  });

  it.each([
    ["a wrong password", () => address("secret").replace("secret@", "secret:12-swordfish@")],
    ["a slash in the password", () => address("secret").replace("secret@", "secret:12/swordfish@")],
    ["a question mark in the password", () => address("secret").replace("secret@", "secret:12?swordfish@")],
    ["a hash in the password", () => address("secret").replace("secret@", "secret:12#swordfish@")],
    ["a port that is none", () => "postgres://secret:swordfish@127.0.0.1:port/db"],
    ["a password among the parameters", () => address("secret", { password: "12-swordfish" })],
  ])("without showing the password, for %s", async (_, url) => {
    expect(inspect(await refusal(url()), { depth: 10, showHidden: true })).not.toContain("swordfish");
  });
});

/** Where the server has its Unix socket. */
function dirOf({ data }: PostgresServer): string {
  return join(data, "..");
}
