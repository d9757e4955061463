import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { OperationHandle, Operations } from "longrunning/client";
import { CompressFile } from "./compress-file.ts";
import { ArchiveService } from "./gen/archive/v1/archive_pb.ts";

const [path = "", baseUrl = "http://127.0.0.1:8080"] = process.argv.slice(2);

const transport = createGrpcTransport({ baseUrl });
const archive = createClient(ArchiveService, transport);
const operations = createClient(Operations, transport);

const handle = new OperationHandle(operations, CompressFile, await archive.compressFile({ path }));
console.log(`started ${handle.name}`);

for await (const { bytesRead, bytesTotal } of handle.progress({ intervalMs: 500 })) {
  console.log(`${bytesRead} of ${bytesTotal} bytes read`);
}
const { path: output, sizeBytes, sha256 } = await handle.result();
console.log(`${output}: ${sizeBytes} bytes, sha256 ${sha256}`);
