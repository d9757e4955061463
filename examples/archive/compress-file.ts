import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { PassThrough } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { defineOperationType, type Handler } from "longrunning";
import { findFile } from "./archive-root.ts";
import {
  CompressFileMetadataSchema,
  CompressFileRequestSchema,
  CompressFileResponseSchema,
} from "./gen/archive/v1/archive_pb.ts";

/** The operations of ArchiveService/CompressFile, for the server and for its clients. */
export const CompressFile = defineOperationType({
  response: CompressFileResponseSchema,
  metadata: CompressFileMetadataSchema,
  // A file can be compressed again from its beginning.
  onServerLoss: { handler: "archive.v1.CompressFile", input: CompressFileRequestSchema },
});

/** Compresses a file piece by piece. Its output appears under its name when it is whole, or not at all. */
export function compressFile(
  root: string,
): Handler<
  typeof CompressFileResponseSchema,
  typeof CompressFileMetadataSchema,
  typeof CompressFileRequestSchema
> {
  return async ({ name, input, attempt, signal, progress }) => {
    // Looked for again: this may be another day, and another process.
    const file = await findFile(root, input.path);
    const output = `${file.absolutePath}.gz`;
    const partOf = (attempt: number) => `${output}.${name.slice(name.lastIndexOf("/") + 1)}.${attempt}.part`;
    for (let earlier = 1; earlier < attempt; earlier++) await rm(partOf(earlier), { force: true });
    const partial = partOf(attempt);
    let bytesRead = 0n;
    const counted = new PassThrough().on("data", (chunk: Buffer) => {
      bytesRead += BigInt(chunk.length);
      // Reports may come as often as they like; nobody waits for them here.
      progress({ path: file.path, bytesRead, bytesTotal: file.sizeBytes });
    });
    const sha256 = createHash("sha256");
    let sizeBytes = 0n;
    const compressed = new PassThrough().on("data", (chunk: Buffer) => {
      sha256.update(chunk);
      sizeBytes += BigInt(chunk.length);
    });
    try {
      await pipeline(
        createReadStream(file.absolutePath, { highWaterMark: 256 * 1024 }),
        counted,
        createGzip(),
        compressed,
        createWriteStream(partial, { flush: true }),
        { signal },
      );
      await rename(partial, output);
    } catch (error) {
      await rm(partial, { force: true });
      throw error;
    }
    return { path: `${file.path}.gz`, sizeBytes, sha256: sha256.digest("hex") };
  };
}
