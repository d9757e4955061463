import { once } from "node:events";
import { createOperations, MemoryStore, serve } from "longrunning";
import { archiveService } from "./archive-service.ts";
import { CompressFile } from "./compress-file.ts";
import { ArchiveService } from "./gen/archive/v1/archive_pb.ts";

const [root = ".", port = "8080"] = process.argv.slice(2);

await using store = new MemoryStore();
await using operations = createOperations({
  store,
  methods: [[ArchiveService.method.compressFile, CompressFile]],
});
await using server = await serve({
  operations,
  port: Number(port),
  routes: (router) => router.service(ArchiveService, archiveService(operations.manager, root)),
});
console.log(`listening on ${server.url}`);
await once(process, "SIGTERM");
