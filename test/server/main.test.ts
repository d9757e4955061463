import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { AUDIENCE, ISSUER, openTokenIssuer } from "../access/token-issuer.ts";
import { callHttp2, connectHttp2 } from "./calls.ts";
import { WAIT_OPERATION } from "./raw-http.ts";

const MAIN = fileURLToPath(new URL("../../src/server/main.ts", import.meta.url));
const FIXTURES = fileURLToPath(new URL("fixtures/", import.meta.url));

describe("the server's process", () => {
  it("says in one line where it listens, and nothing else", async () => {
    await using server = await run("--port", "0");
    await server.listening();
    server.child.kill("SIGTERM");
    const { out, err } = await server.ended;
    expect([out.replace(/:\d+\n/, ":PORT\n"), err]).toEqual(["listening on http://127.0.0.1:PORT\n", ""]);
  });

  it("lets in who bears a token of the issuer that its flags name, and nobody else", async () => {
    await using issuer = await openTokenIssuer();
    const jwt = ["--jwt-issuer", ISSUER, "--jwt-audience", AUDIENCE, "--jwt-keys", issuer.url.href];
    await using server = await run("--port", "0", ...jwt);
    const url = `${await server.listening()}/v1/operations`;
    const statuses = [
      (await fetch(url, { headers: await issuer.bearer("alice") })).status,
      (await fetch(url)).status,
    ];
    expect(statuses).toEqual([200, 401]);
  });

  it("says in one line which Node it needs where Node has no SQLite", async () => {
    const without = new URL("without-sqlite.js", import.meta.url);
    await using server = await runIn({ NODE_OPTIONS: `--import ${without}` }, "--port", "0");
    const { code, err } = await server.ended;
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/^--store sqlite needs Node .+ --store memory .+\n$/),
    ]);
  });

  it.each(["SIGTERM", "SIGINT"] as const)("ends with 0 on %s", async (signal) => {
    await using server = await run("--port", "0");
    await server.listening();
    server.child.kill(signal);
    expect((await server.ended).code).toBe(0);
  });

  it.each(["SIGTERM", "SIGINT"] as const)(
    "answers who waits for ten minutes of work when %s comes",
    async (signal) => {
      await using server = await run("--port", "0", "--simulator", "--grace", "10m");
      const url = await server.listening();
      const session = connectHttp2(url);
      const operation = await startWork(session, "600s");
      const waiting = callHttp2(session, { ":path": WAIT_OPERATION }, JSON.stringify({ name: operation }));
      // Frames are read in order: when this call is answered, the one before it waits.
      await callHttp2(session, {}, JSON.stringify({ name: operation }));
      server.child.kill(signal);
      expect(JSON.parse((await waiting).text).name).toBe(operation);
    },
  );

  it.each(["SIGTERM", "SIGINT"] as const)(
    "ends with 0 on %s while work runs and a call waits",
    async (signal) => {
      await using server = await run("--port", "0", "--simulator", "--grace", "10m");
      const url = await server.listening();
      const session = connectHttp2(url);
      const operation = await startWork(session, "600s");
      void callHttp2(session, { ":path": WAIT_OPERATION }, JSON.stringify({ name: operation }));
      await callHttp2(session, {}, JSON.stringify({ name: operation }));
      server.child.kill(signal);
      expect((await server.ended).code).toBe(0);
    },
  );

  it("ends soon: not after its grace, but when the work has heard of it", async () => {
    await using server = await run("--port", "0", "--simulator", "--grace", "10m");
    const session = connectHttp2(await server.listening());
    await startWork(session, "600s");
    const startedMs = performance.now();
    server.child.kill("SIGTERM");
    await server.ended;
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });

  it("serves TLS with the files that it is given", async () => {
    await using server = await run(
      "--port",
      "0",
      "--tls-key",
      `${FIXTURES}key.pem`,
      "--tls-cert",
      `${FIXTURES}cert.pem`,
    );
    const session = connectHttp2(await server.listening());
    expect((await callHttp2(session, {}, JSON.stringify({ name: "operations/x" }))).status).toBe(404);
    session.destroy();
  });

  it("takes the port of the environment", async () => {
    await using server = await runIn({ PORT: "0" });
    expect(await server.listening()).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it("does not mount the simulator unless it is told to", async () => {
    await using server = await run("--port", "0");
    const session = connectHttp2(await server.listening());
    expect((await callHttp2(session, { ":path": SIMULATE_WORK }, "{}")).status).toBe(404);
    session.destroy();
  });

  it("prints its options, and ends with 0", async () => {
    await using server = await run("--help");
    const { code, out, err } = await server.ended;
    expect([code, out.split("\n")[0], err]).toEqual([0, "usage: longrunning-server [options]", ""]);
  });

  it.each([
    ["--port", "http"],
    ["--nonsense"],
    ["nonsense"],
    ["--grace", "soon"],
    ["--tls-key", "/no/such", "--tls-cert", "/no/such"],
    ["--tls-key", MAIN, "--tls-cert", MAIN],
  ])("ends with 2 and one line on stderr for %s %s", async (...args) => {
    await using server = await run(...args);
    const { code, out, err } = await server.ended;
    expect([code, out, err.split("\n").length, err.endsWith("\n")]).toEqual([2, "", 2, true]);
  });

  it("ends with 1 and one line on stderr where the port is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    await using server = await run("--port", String(port));
    const { code, err } = await server.ended;
    other.close();
    expect([code, err]).toEqual([
      1,
      `127.0.0.1:${port} is in use by another server; --port picks another port\n`,
    ]);
  });

  it("ends with 1 and one line on stderr where the address is another machine's", async () => {
    await using server = await run("--port", "0", "--host", "192.0.2.1", "--insecure");
    const { code, err } = await server.ended;
    expect([code, err.split("\n").length]).toEqual([1, 2]);
  });
});

const SIMULATE_WORK = "/longrunning.testing.v1.SimulatorService/SimulateWork";

async function startWork(session: ReturnType<typeof connectHttp2>, duration: string): Promise<string> {
  const { text } = await callHttp2(session, { ":path": SIMULATE_WORK }, JSON.stringify({ duration }));
  return JSON.parse(text).name;
}

interface Run extends AsyncDisposable {
  readonly child: ChildProcess;
  /** Resolves with where it listens. Rejects where it ends before. */
  listening(): Promise<string>;
  readonly ended: Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>;
}

function run(...args: string[]): Promise<Run> {
  return runIn({}, ...args);
}

/** Runs the server as a process of its own in a folder of its own, both of which end with the test. */
async function runIn(env: Record<string, string>, ...args: string[]): Promise<Run> {
  const folder = await mkdtemp(join(tmpdir(), "longrunning-main-"));
  const { HOST: _, PORT: __, ...others } = process.env;
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    env: { ...others, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text;
  });
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, out, err }));
  return {
    child,
    ended,
    async listening() {
      while (!out.includes("\n")) {
        const over = await Promise.race([
          once(child.stdout, "data").then(() => false),
          ended.then(() => true),
        ]);
        if (over) throw new Error(`the server ended: ${err}`);
      }
      return out.trim().slice("listening on ".length);
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
