import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Code } from "@connectrpc/connect";
import { OperationCancelledError, OperationFailedError, OperationHandle } from "longrunning/client";
import { SimulateWork } from "longrunning/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CompressFile } from "../../examples/archive/compress-file.ts";
import { type EmptyDatabase, openEmptyDatabase } from "../postgres/postgres-server.ts";
import { type ReferenceServer, startReferenceServer } from "./reference-server.ts";
import { runSource } from "./source-process.ts";

describe("two servers on one PostgreSQL", () => {
  let postgres: EmptyDatabase;
  let folder: string;
  let one: ReferenceServer;
  let other: ReferenceServer;

  function start(...more: string[]): Promise<ReferenceServer> {
    return startReferenceServer(
      ...["--port", "0", "--store", postgres.url, "--lease", "1s"],
      ...["--simulator", "--archive-root", join(folder, "archive")],
      ...more,
    );
  }

  /** Starts ten minutes of work at a server. */
  async function longWork(server: ReferenceServer): Promise<string> {
    return (await server.simulator.simulateWork({ duration: { seconds: 600n } })).name;
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "longrunning-two-"));
    await mkdir(join(folder, "archive"));
    await writeFile(join(folder, "archive", "large"), Buffer.alloc(200 * 1024 * 1024));
    postgres = await openEmptyDatabase();
    one = await start();
    other = await start();
  }, 60_000);

  afterAll(async () => {
    await one.process[Symbol.asyncDispose]();
    await other.process[Symbol.asyncDispose]();
    await postgres[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  it("let an operation be waited for at one that runs at the other", async () => {
    const { name } = await one.simulator.simulateWork({ duration: { seconds: 1n }, payload: "from one" });
    const handle = new OperationHandle(other.operations, SimulateWork, name);
    expect((await handle.result()).payload).toBe("from one");
  });

  it("let an operation be cancelled at one that runs at the other", async () => {
    const handle = new OperationHandle(one.operations, SimulateWork, await longWork(one));
    await other.operations.cancelOperation({ name: handle.name });
    await expect(handle.result()).rejects.toBeInstanceOf(OperationCancelledError);
  });

  it("start a request once, to whichever it comes", async () => {
    const request = { duration: { seconds: 1n }, requestId: "b9ce5e0a-5f2d-4d5f-8a2e-3f6f0c7f8d11" };
    const names = await Promise.all(
      [one, other, one, other].map(async ({ simulator }) => (await simulator.simulateWork(request)).name),
    );
    expect(new Set(names).size).toBe(1);
  });

  it("leave work to a worker, which is killed, and to another one", { timeout: 60_000 }, async () => {
    const server = await start("--role", "server");
    const work = () =>
      runSource("examples/reference-server.ts", [
        ...["--role", "worker", "--store", postgres.url, "--lease", "1s"],
        ...["--archive-root", join(folder, "archive")],
      ]);
    // The other servers of this file must not be quicker.
    for (const { process } of [one, other]) process.process.kill("SIGSTOP");
    const killed = work();
    await killed.line(/^working/);
    const { name } = await server.archive.compressFile({ path: "large" });
    const handle = new OperationHandle(server.operations, CompressFile, name);
    for await (const { bytesRead } of handle.progress({ intervalMs: 10 })) if (bytesRead > 0n) break;
    killed.process.kill("SIGKILL");
    await killed.exit();
    await using _next = work();
    const { path } = await handle.result();
    for (const { process } of [one, other]) process.process.kill("SIGCONT");
    await server.process[Symbol.asyncDispose]();
    await rm(join(folder, "archive", "large.gz"));
    expect(path).toBe("large.gz");
  });

  it("end or go on with what runs at one that is killed", { timeout: 60_000 }, async () => {
    const aborted = new OperationHandle(other.operations, SimulateWork, await longWork(one));
    const { name } = await one.archive.compressFile({ path: "large" });
    const resumed = new OperationHandle(other.operations, CompressFile, name);
    for await (const { bytesRead } of resumed.progress({ intervalMs: 10 })) if (bytesRead > 0n) break;
    one.process.process.kill("SIGKILL");
    await one.process.exit();
    const error = await aborted.result().catch((error: unknown) => error);
    const { path } = await resumed.result();
    const left = (await readdir(join(folder, "archive"))).toSorted();
    expect([error instanceof OperationFailedError && error.code, path, left]).toEqual([
      Code.Aborted,
      "large.gz",
      ["large", "large.gz"],
    ]);
  });
});
