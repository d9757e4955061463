import type { ServiceImpl } from "@connectrpc/connect";
import type { OperationManager } from "longrunning";
import { findFile } from "./archive-root.ts";
import { CompressFile } from "./compress-file.ts";
import type { ArchiveService } from "./gen/archive/v1/archive_pb.ts";

/** Compresses files below a root: what is checked here fails the call, what goes wrong later the operation. */
export function archiveService(manager: OperationManager, root: string): ServiceImpl<typeof ArchiveService> {
  return {
    async compressFile(request) {
      const file = await findFile(root, request.path);
      const metadata = { path: file.path, bytesRead: 0n, bytesTotal: file.sizeBytes };
      return manager.start(CompressFile, request, { metadata, request: { id: request.requestId } });
    },
  };
}
