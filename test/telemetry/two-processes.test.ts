import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { Operations } from "longrunning/client";
import { SimulatorService } from "longrunning/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listeningUrl, runNode, type SourceProcess } from "../examples/source-process.ts";
import { usePostgres } from "../store/postgres/open-postgres-store.ts";

/** A span as console-sdk.js prints it: spans as W3C's `traceparent` has them. */
interface PrintedSpan {
  readonly id: string;
  readonly parent?: string;
  readonly links: readonly string[];
}

/** The trace that callers are in, and the span of it from which they call. */
const TRACE = "0af7651916cd43dd8448eb211c80319c";
const CALLER = `00-${TRACE}-b7ad6b7169203331-01`;

const postgres = usePostgres();

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "longrunning-spans-"));
  await mkdir(join(folder, "archive"));
  await writeFile(join(folder, "archive/hello"), "hello");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A process of a server on that store, which prints each of its spans. */
async function openProcess(store: string, ...flags: readonly string[]) {
  const imports = ["./scripts/run-from-source.js", "./test/telemetry/console-sdk.js"];
  const server = runNode([
    ...imports.flatMap((file) => ["--import", file]),
    "examples/reference-server.ts",
    ...["--port", "0", "--store", store, "--telemetry", "--simulator"],
    ...["--archive-root", join(folder, "archive"), ...flags],
  ]);
  const url = await listeningUrl(server);
  const transport = createGrpcTransport({ baseUrl: url });
  return {
    operations: createClient(Operations, transport),
    simulator: createClient(SimulatorService, transport),
    span: (name: string) => spanOf(server, name),
    async call(path: string, body: object) {
      const headers = { "content-type": "application/json", traceparent: CALLER };
      const init = { method: "POST", headers, body: JSON.stringify(body) };
      return await (await fetch(`${url}/v1/${path}`, init)).json();
    },
    async stop() {
      server.process.kill("SIGTERM");
      await server.exit();
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function spanOf(server: SourceProcess, name: string): Promise<PrintedSpan> {
  return JSON.parse(await server.line(new RegExp(`^\\{"span":"[^"]*${name}"`)));
}

describe("an operation that one process starts, and the next one does", () => {
  it("has the work's span linked to the call that started it, and the wait's to the work's", async () => {
    const store = `sqlite:${join(folder, "operations.db")}`;
    await using first = await openProcess(store, "--role", "server");
    const { name } = await first.call("files:compress", { path: "hello" });
    const started = await first.span("CompressFile");
    await first.stop();
    await using second = await openProcess(store);
    const { done } = await second.call(`${name}:wait`, {});
    const work = await second.span("longrunning.work");
    const wait = await second.span("WaitOperation");
    expect([done, work.links, wait.links]).toEqual([true, [started.id], [work.id]]);
  });
});

describe("an operation that one process starts, and another one does beside it", { timeout: 60_000 }, () => {
  it("is in the caller's trace where it is started and waited for, and linked to in the other process's", async () => {
    await using starting = await openProcess(postgres.url, "--role", "server");
    await using working = await openProcess(postgres.url);
    const { name } = await starting.call("files:compress", { path: "hello" });
    const { done } = await starting.call(`${name}:wait`, {});
    const started = await starting.span("CompressFile");
    const work = await working.span("longrunning.work");
    const wait = await starting.span("WaitOperation");
    expect([done, started.parent, work.parent, work.links, wait.parent, wait.links]).toEqual([
      ...[true, CALLER, undefined, [started.id], CALLER, [work.id]],
    ]);
    expect([started, work, wait].map(({ id }) => id.includes(TRACE))).toEqual([true, false, true]);
  });
});

describe("an operation that one process does, and another one holds a wait for", { timeout: 60_000 }, () => {
  it("has the wait linked to the work, in the caller's trace", async () => {
    await using working = await openProcess(postgres.url);
    await using waiting = await openProcess(postgres.url, "--role", "server");
    const call = { headers: { traceparent: CALLER } };
    const { name } = await working.simulator.simulateWork({ duration: { seconds: 600n } }, call);
    const answer = waiting.operations.waitOperation({ name }, call);
    // On the same connection, and so behind the wait.
    await waiting.operations.getOperation({ name });
    await working.operations.cancelOperation({ name });
    expect((await answer).done).toBe(true);
    const started = await working.span("SimulateWork");
    const work = await working.span("longrunning.work");
    const wait = await waiting.span("WaitOperation");
    expect([started.parent, work.links, wait.parent, wait.links]).toEqual([
      ...[CALLER, [started.id], CALLER, [work.id]],
    ]);
    expect([started, work, wait].map(({ id }) => id.includes(TRACE))).toEqual([true, false, true]);
  });
});
