import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type Client, Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import {
  createOperations,
  type ListeningServer,
  MemoryStore,
  type OperationsServer,
  serve,
} from "longrunning";
import { Operations } from "longrunning/client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CompressFile, compressFile } from "../../examples/archive/compress-file.ts";
import { ArchiveService } from "../../examples/archive/gen/archive/v1/archive_pb.ts";
import { type Farm, farmService, farmTold } from "../../examples/migrating/farm-service.ts";
import { moveJobs } from "../../examples/migrating/move-jobs.ts";
import { outcomeOf } from "../../examples/migrating/outcome.ts";

describe("work that another system does", () => {
  let operations: OperationsServer;
  let server: ListeningServer;
  let farm: Farm & { readonly ordered: string[]; readonly stopped: Promise<string> };
  let archive: Client<typeof ArchiveService>;
  let client: Client<typeof Operations>;

  beforeEach(async () => {
    operations = createOperations({
      store: new MemoryStore(),
      methods: [[ArchiveService.method.compressFile, CompressFile]],
    });
    farm = openFarm();
    server = await serve({
      operations,
      port: 0,
      routes: (router) => router.service(ArchiveService, farmService(operations.manager, farm)),
    });
    const transport = createGrpcTransport({ baseUrl: server.url });
    archive = createClient(ArchiveService, transport);
    client = createClient(Operations, transport);
  });
  afterEach(async () => {
    await server.close();
    await operations.close();
  });

  it("is ordered by the name of its operation", async () => {
    const { name } = await archive.compressFile({ path: "a" });
    expect(farm.ordered).toEqual([`${name} a`]);
  });

  it("ends its operation with what it told", async () => {
    const { name } = await archive.compressFile({ path: "a" });
    await farmTold(operations.manager, name, { path: "a.gz" });
    expect(await outcomeOf(client, name, 10_000)).toBe("wrote a.gz");
  });

  it("fails its operation with the fault that it told", async () => {
    const { name } = await archive.compressFile({ path: "a" });
    await farmTold(operations.manager, name, { fault: "no machine is free" });
    expect(await outcomeOf(client, name, 10_000)).toBe("failed: no machine is free");
  });

  it("shows how far it is to who waits for less time than it takes", async () => {
    const { name } = await archive.compressFile({ path: "a" });
    await farmTold(operations.manager, name, { bytesRead: 7n });
    expect(await outcomeOf(client, name, 300)).toBe("7 bytes so far");
  });

  it("is stopped by a cancel", async () => {
    const { name } = await archive.compressFile({ path: "a" });
    await client.cancelOperation({ name });
    expect(await farm.stopped).toBe(name);
  });

  it("is cancelled when it says that it has stopped", async () => {
    const { name } = await archive.compressFile({ path: "a" });
    await operations.manager.setError(name, new ConnectError("stopped", Code.Canceled));
    expect(await outcomeOf(client, name, 10_000)).toBe("cancelled");
  });

  it("can change nothing of an operation that is done", async () => {
    const { name } = await archive.compressFile({ path: "a" });
    await farmTold(operations.manager, name, { path: "a.gz" });
    const late = farmTold(operations.manager, name, { fault: "late" });
    await expect(late).rejects.toMatchObject({ code: Code.FailedPrecondition });
  });
});

describe("the jobs of a table", () => {
  let root: string;
  let operations: OperationsServer;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "longrunning-jobs-"));
    for (const file of ["a", "b", "c"]) await writeFile(join(root, file), file);
    operations = createOperations({ store: new MemoryStore() });
    operations.manager.register(CompressFile, compressFile(root));
  });
  afterEach(async () => {
    await operations.close();
    await rm(root, { recursive: true, force: true });
  });

  it("become operations where they have not ended", async () => {
    const jobs = tableOfJobs();
    await moveJobs(jobs, operations.manager);
    const states = jobs.prepare("select state from jobs order by id").all();
    expect(states.map(({ state }) => state)).toEqual(["done", "moved", "moved"]);
  });

  it("become one operation each, however often they are moved", async () => {
    const first = tableOfJobs();
    await moveJobs(first, operations.manager);
    // As after a crash: the operations are there, and the notes are not.
    const again = tableOfJobs();
    await moveJobs(again, operations.manager);
    expect(namesIn(again)).toEqual(namesIn(first));
  });
});

function openFarm(): Farm & { readonly ordered: string[]; readonly stopped: Promise<string> } {
  const ordered: string[] = [];
  const { promise: stopped, resolve } = Promise.withResolvers<string>();
  return {
    ordered,
    stopped,
    order: async (job, path) => void ordered.push(`${job} ${path}`),
    stop: async (job) => resolve(job),
  };
}

function tableOfJobs(): DatabaseSync {
  const jobs = new DatabaseSync(":memory:");
  jobs.exec("create table jobs (id integer primary key, path text, state text, operation text)");
  jobs.exec(
    "insert into jobs values (1, 'a', 'done', null), (2, 'b', 'running', null), (3, 'c', 'queued', null)",
  );
  return jobs;
}

function namesIn(jobs: DatabaseSync): unknown[] {
  return jobs
    .prepare("select operation from jobs order by id")
    .all()
    .map(({ operation }) => operation);
}
