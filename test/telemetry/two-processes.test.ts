import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listeningUrl, runNode, type SourceProcess } from "../examples/source-process.ts";

/** A span as console-sdk.js prints it. */
interface PrintedSpan {
  readonly id: string;
  readonly links: readonly string[];
}

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "longrunning-spans-"));
  await mkdir(join(folder, "archive"));
  await writeFile(join(folder, "archive/hello"), "hello");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A process of a server on the folder's SQLite file, which prints each of its spans. */
async function openProcess(...flags: readonly string[]) {
  const imports = ["./scripts/run-from-source.js", "./test/telemetry/console-sdk.js"];
  const store = ["--store", `sqlite:${join(folder, "operations.db")}`];
  const server = runNode([
    ...imports.flatMap((file) => ["--import", file]),
    "examples/reference-server.ts",
    ...["--port", "0", "--telemetry", "--archive-root", join(folder, "archive"), ...store, ...flags],
  ]);
  const url = await listeningUrl(server);
  return {
    span: (name: string) => spanOf(server, name),
    async call(path: string, body: object) {
      const headers = { "content-type": "application/json" };
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
    await using first = await openProcess("--role", "server");
    const { name } = await first.call("files:compress", { path: "hello" });
    const started = await first.span("CompressFile");
    await first.stop();
    await using second = await openProcess();
    const { done } = await second.call(`${name}:wait`, {});
    const work = await second.span("longrunning.work");
    const wait = await second.span("WaitOperation");
    expect([done, work.links, wait.links]).toEqual([true, [started.id], [work.id]]);
  });
});
