import { once } from "node:events";
import { createOperations, serve } from "longrunning";
import { SqliteStore } from "longrunning/sqlite";
import { archiveService } from "./archive-service.ts";
import { CompressFile, compressFile } from "./compress-file.ts";
import { ArchiveService } from "./gen/archive/v1/archive_pb.ts";

const [root = ".", port = "8080", file = "operations.db"] = process.argv.slice(2);

await using store = await SqliteStore.open(file);
await using operations = createOperations({
  store,
  methods: [[ArchiveService.method.compressFile, CompressFile]],
});
operations.manager.register(CompressFile, compressFile(root));
await using server = await serve({
  operations,
  port: Number(port),
  routes: (router) => router.service(ArchiveService, archiveService(operations.manager, root)),
});
console.log(`listening on ${server.url}`);
await once(process, "SIGTERM");
