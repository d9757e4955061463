import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OperationHandle } from "longrunning/client";
import { expect, it } from "vitest";
import { CompressFile } from "../../examples/archive/compress-file.ts";
import { startReferenceServer } from "../examples/reference-server.ts";
import { runSource } from "../examples/source-process.ts";
import { openEmptyDatabase } from "../postgres/postgres-server.ts";
import { startRedis } from "./redis-server.ts";

/** A folder of an archive with one file. */
async function newArchive() {
  const folder = await mkdtemp(join(tmpdir(), "longrunning-engine-"));
  const root = join(folder, "archive");
  await mkdir(root);
  await writeFile(join(root, "hello"), "hello");
  return {
    root,
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true });
    },
  };
}

it("brings work that a server takes to a worker, in other processes, by --engine", async () => {
  await using archive = await newArchive();
  await using postgres = await openEmptyDatabase();
  await using redis = await startRedis();
  const flags = [
    ...["--store", postgres.url, "--engine", redis.url, "--lease", "1s"],
    ...["--archive-root", archive.root],
  ];
  const server = await startReferenceServer("--port", "0", "--role", "server", ...flags);
  await using _ = server.process;
  await using _worker = runSource("examples/reference-server.ts", ["--role", "worker", ...flags]);
  const started = await server.archive.compressFile({ path: "hello" });
  const handle = new OperationHandle(server.operations, CompressFile, started);
  expect(Number((await handle.result()).sizeBytes)).toBeGreaterThan(0);
});
