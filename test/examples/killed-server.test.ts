import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Code } from "@connectrpc/connect";
import { OperationFailedError, OperationHandle } from "longrunning/client";
import { SimulateWork } from "longrunning/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CompressFile } from "../../examples/archive/compress-file.ts";
import { type ReferenceServer, startReferenceServer } from "./reference-server.ts";

const LARGE_BYTES = 64 * 1024 * 1024;

describe("the server that npm start runs, killed with -9 and started again", () => {
  let folder: string;
  let killed: ReferenceServer;
  let next: ReferenceServer;
  let finished: OperationHandle<typeof SimulateWork.response, typeof SimulateWork.metadata>;
  let long: typeof finished;
  let compressing: OperationHandle<typeof CompressFile.response, typeof CompressFile.metadata>;

  function start(): Promise<ReferenceServer> {
    return startReferenceServer(
      ...["--port", "0", "--store", `sqlite:${join(folder, "operations.db")}`],
      ...["--simulator", "--archive-root", join(folder, "archive")],
    );
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "longrunning-killed-"));
    await mkdir(join(folder, "archive"));
    await writeFile(join(folder, "archive", "large"), randomBytes(LARGE_BYTES));
    killed = await start();
    const { operations, simulator, archive } = killed;
    const simulate = async (seconds: bigint, payload: string) =>
      new OperationHandle(
        operations,
        SimulateWork,
        await simulator.simulateWork({ duration: { seconds }, payload, requestId: payload }),
      );
    long = await simulate(600n, "long");
    finished = await simulate(0n, "finished");
    await finished.result();
    compressing = new OperationHandle(
      operations,
      CompressFile,
      await archive.compressFile({ path: "large" }),
    );
    for await (const { bytesRead } of compressing.progress({ intervalMs: 10 })) if (bytesRead > 0n) break;
    killed.process.process.kill("SIGKILL");
    await killed.process.exit();
    next = await start();
  }, 60_000);

  afterAll(async () => {
    await next.process[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  it("has what was finished, with its result", async () => {
    const handle = new OperationHandle(next.operations, SimulateWork, finished.name);
    expect((await handle.result()).payload).toBe("finished");
  });

  it("has ended what cannot be begun again as ABORTED", async () => {
    const handle = new OperationHandle(next.operations, SimulateWork, long.name);
    const error = await handle.result().catch((error: unknown) => error);
    expect(error instanceof OperationFailedError && error.code).toBe(Code.Aborted);
  });

  it("goes on with what can, and leaves nothing of the first attempt behind", {
    timeout: 60_000,
  }, async () => {
    const handle = new OperationHandle(next.operations, CompressFile, compressing.name);
    expect((await handle.result()).path).toBe("large.gz");
    expect((await readdir(join(folder, "archive"))).toSorted()).toEqual(["large", "large.gz"]);
  });

  it("knows the request that it has had before", async () => {
    const request = { duration: { seconds: 600n }, payload: "long", requestId: "long" };
    expect((await next.simulator.simulateWork(request)).name).toBe(long.name);
  });
});

it("lets a client that waits across the restart get the end", { timeout: 60_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "longrunning-killed-"));
  const store = `sqlite:${join(folder, "operations.db")}`;
  const run = (port: string) => startReferenceServer("--port", port, "--store", store, "--simulator");
  const { process: first, url, operations, simulator } = await run("0");
  const started = await simulator.simulateWork({ duration: { seconds: 600n } });
  const waiting = new OperationHandle(operations, SimulateWork, started).result().catch((e: unknown) => e);
  await operations.getOperation({ name: started.name });
  first.process.kill("SIGKILL");
  await first.exit();
  {
    const second = await run(new URL(url).port);
    await using _running = second.process;
    const error = await waiting;
    expect(error instanceof OperationFailedError && error.code).toBe(Code.Aborted);
  }
  await rm(folder, { recursive: true, force: true });
});
