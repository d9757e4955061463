import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { type FurtherService, runServer } from "../src/server/run-server.ts";
import { UsageError } from "../src/server/usage-error.ts";
import { archiveService } from "./archive/archive-service.ts";
import { CompressFile, compressFile } from "./archive/compress-file.ts";
import { ArchiveService } from "./archive/gen/archive/v1/archive_pb.ts";

// What `npm start` runs: the server of the package, and the archive as a service to try it with.
const archive: FurtherService = {
  option: {
    name: "archive-root",
    value: "DIR",
    help: "mount archive.v1.ArchiveService on the files below DIR",
  },
  methods: [[ArchiveService.method.compressFile, CompressFile]],
  async open(directory) {
    const root = resolve(directory);
    const found = await stat(root).catch(() => undefined);
    if (!found?.isDirectory()) throw new UsageError(`--archive-root "${directory}" is not a directory`);
    return {
      register: (manager) => manager.register(CompressFile, compressFile(root)),
      routes: (router, manager) => router.service(ArchiveService, archiveService(manager, root)),
    };
  },
};

await runServer(process.argv.slice(2), [archive]);
