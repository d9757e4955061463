import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import type { OperationManager } from "longrunning";
import { CompressFile } from "../archive/compress-file.ts";
import type { ArchiveService } from "../archive/gen/archive/v1/archive_pb.ts";

/** Another system, which does the work, and calls `farmTold` about it. */
export interface Farm {
  order(job: string, path: string): Promise<void>;
  stop(job: string): Promise<void>;
}

/** What the farm says of a job. */
export type FarmNews =
  | { readonly path: string }
  | { readonly bytesRead: bigint }
  | { readonly fault: string };

/** A service whose work is done elsewhere: the operation's name is the job's. */
export function farmService(manager: OperationManager, farm: Farm): ServiceImpl<typeof ArchiveService> {
  return {
    async compressFile({ path }) {
      const { operation, name, signal } = await manager.newOperation(CompressFile);
      signal.addEventListener("abort", () => farm.stop(name).catch(console.error), { once: true });
      await farm.order(name, path);
      return operation;
    },
  };
}

/** Tells the operation what the farm has told. Throws FAILED_PRECONDITION where it is done already. */
export async function farmTold(manager: OperationManager, job: string, news: FarmNews): Promise<void> {
  if ("path" in news) await manager.setResult(CompressFile, job, news);
  else if ("bytesRead" in news) await manager.setMetadata(CompressFile, job, news);
  else await manager.setError(job, new ConnectError(news.fault, Code.Unavailable));
}
