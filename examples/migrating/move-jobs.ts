import type { DatabaseSync } from "node:sqlite";
import type { OperationManager } from "longrunning";
import { CompressFile } from "../archive/compress-file.ts";

/**
 * Starts each job that has not ended as an operation, and notes its name beside the job. It may be run again after it
 * was broken off: the job's ID is the request's, and a request starts one operation however often it comes.
 */
export async function moveJobs(jobs: DatabaseSync, manager: OperationManager): Promise<void> {
  const open = jobs.prepare("select id, path from jobs where state in ('queued', 'running') order by id");
  const note = jobs.prepare("update jobs set state = 'moved', operation = ? where id = ?");
  for (const { id = 0, path } of open.all()) {
    const request = { id: `job-${id}` };
    const { name } = await manager.start(CompressFile, { path: String(path) }, { request });
    note.run(name, id);
  }
}
