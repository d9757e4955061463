import { createHash, randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, mkdtemp, readdir, realpath, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { type Client, Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import {
  createOperations,
  type ListeningServer,
  MemoryStore,
  type OperationsServer,
  serve,
} from "longrunning";
import { OperationCancelledError, OperationHandle, Operations } from "longrunning/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { archiveService } from "../../examples/archive/archive-service.ts";
import { CompressFile, compressFile } from "../../examples/archive/compress-file.ts";
import { ArchiveService } from "../../examples/archive/gen/archive/v1/archive_pb.ts";
import { BadRequestSchema } from "../../examples/archive/gen/google/rpc/error_details_pb.ts";
import { listeningUrl, runSource } from "./source-process.ts";

const LARGE_BYTES = 100 * 1024 * 1024;

describe("the archive", () => {
  let folder: string;
  let root: string;
  let operations: OperationsServer;
  let server: ListeningServer;
  let archive: Client<typeof ArchiveService>;
  let client: Client<typeof Operations>;

  beforeAll(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), "longrunning-archive-")));
    root = join(folder, "root");
    await mkdir(join(root, "sub"), { recursive: true });
    await writeLargeFile(join(root, "large"));
    await writeFile(join(root, "sub/small"), "hello");
    await writeFile(join(folder, "secret"), "secret");
    await symlink(join(folder, "secret"), join(root, "link-out"));
    await symlink(folder, join(root, "link-up"));
    await symlink(join(root, "sub/small"), join(root, "link-in"));
    operations = createOperations({
      store: new MemoryStore(),
      methods: [[ArchiveService.method.compressFile, CompressFile]],
    });
    operations.manager.register(CompressFile, compressFile(root));
    server = await serve({
      operations,
      port: 0,
      routes: (router) => router.service(ArchiveService, archiveService(operations.manager, root)),
    });
    const transport = createGrpcTransport({ baseUrl: server.url });
    archive = createClient(ArchiveService, transport);
    client = createClient(Operations, transport);
  }, 60_000);

  afterAll(async () => {
    await server.close();
    await operations.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("compresses a file of 100 MB with visible progress", { timeout: 120_000 }, async () => {
    const handle = new OperationHandle(client, CompressFile, await archive.compressFile({ path: "large" }));
    const seen: bigint[] = [];
    for await (const { bytesRead } of handle.progress({ intervalMs: 100 })) seen.push(bytesRead);
    const result = await handle.result();
    expect(handle.metadata).toMatchObject({
      bytesRead: BigInt(LARGE_BYTES),
      bytesTotal: BigInt(LARGE_BYTES),
    });
    expect(seen.filter((bytes) => bytes > 0n && bytes < BigInt(LARGE_BYTES)).length).toBeGreaterThan(2);
    expect(result.path).toBe("large.gz");
    expect(result.sizeBytes).toBe(BigInt((await stat(join(root, "large.gz"))).size));
    expect(result.sha256).toBe(await sha256Of(join(root, "large.gz")));
    expect(await sha256Of(join(root, "large.gz"), true)).toBe(await sha256Of(join(root, "large")));
  });

  it("stops in mid-file on a cancel and leaves no partial output", { timeout: 60_000 }, async () => {
    await rm(join(root, "large.gz"), { force: true });
    const handle = new OperationHandle(client, CompressFile, await archive.compressFile({ path: "large" }));
    for await (const { bytesRead } of handle.progress({ intervalMs: 20 })) {
      if (bytesRead === 0n) continue;
      await handle.cancel();
      break;
    }
    await expect(handle.result()).rejects.toBeInstanceOf(OperationCancelledError);
    const left = (await readdir(root)).filter((file) => file.startsWith("large."));
    expect(left).toEqual([]);
  });

  it("follows a link that stays below the root", async () => {
    const handle = new OperationHandle(client, CompressFile, await archive.compressFile({ path: "link-in" }));
    expect((await handle.result()).sizeBytes).toBeGreaterThan(0n);
  });

  it.each([
    ["..", "../secret"],
    ["an inner ..", "sub/../../secret"],
    ["an absolute path", "/etc/passwd"],
    ["a link to a file", "link-out"],
    ["a link to a folder", "link-up/secret"],
    ["the empty path", ""],
    ["the root itself", "."],
    ["a folder", "sub"],
    ["a NUL", "sub/small\0.txt"],
  ])("refuses %s, with the field named and no operation", async (_, path) => {
    const before = (await client.listOperations({})).operations.length;
    const error = await archive.compressFile({ path }).catch(ConnectError.from);
    expect(error).toMatchObject({ code: Code.InvalidArgument });
    expect(
      error instanceof ConnectError && error.findDetails(BadRequestSchema)[0]?.fieldViolations[0]?.field,
    ).toBe("path");
    expect((await client.listOperations({})).operations.length).toBe(before);
  });

  it("answers NOT_FOUND for a file that is not there", async () => {
    await expect(archive.compressFile({ path: "sub/none" })).rejects.toMatchObject({ code: Code.NotFound });
  });

  it("is the README's server and client", { timeout: 60_000 }, async () => {
    await using example = runSource("examples/archive/server.ts", [root, "0", join(folder, "operations.db")]);
    const url = await listeningUrl(example);
    await using caller = runSource("examples/archive/client.ts", ["sub/small", url]);
    expect(await caller.exit()).toBe(0);
    expect(caller.lines.at(-1)).toMatch(/^sub\/small\.gz: \d+ bytes, sha256 [0-9a-f]{64}$/);
  });
});

async function writeLargeFile(path: string): Promise<void> {
  // Half noise, half zeros: gzip has something to do, and something to gain.
  async function* blocks() {
    for (let written = 0; written < LARGE_BYTES; written += 1024 * 1024) {
      yield Buffer.concat([randomBytes(512 * 1024), Buffer.alloc(512 * 1024)]);
    }
  }
  await pipeline(blocks, createWriteStream(path));
}

async function sha256Of(path: string, unpacked = false): Promise<string> {
  const hash = createHash("sha256");
  if (unpacked) await pipeline(createReadStream(path), createGunzip(), hash);
  else await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
