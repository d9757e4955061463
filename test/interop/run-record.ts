import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What a client's program printed in a run, and which behaviours its tests took for shown. */
export interface RunRecord {
  readonly lines: readonly unknown[];
  readonly shown: readonly string[];
}

declare module "vitest" {
  interface ProvidedContext {
    /** Where the clients' records of this run are: runs beside each other know nothing of one another. */
    readonly records: string;
  }
}

/** Makes the folder of a run's records; its owner removes it. */
export async function makeRecords(): Promise<string> {
  return await mkdtemp(join(tmpdir(), "longrunning-interop-"));
}

/** Forgets a run. */
export async function removeRecords(records: string): Promise<void> {
  await rm(records, { recursive: true });
}

/** Keeps what the client of this id did. */
export async function keepRecord(records: string, id: string, record: RunRecord): Promise<void> {
  await writeFile(join(records, `${id}.json`), JSON.stringify(record));
}

/** What the client of this id did; undefined where its tests were not run. */
export async function recordOf(records: string, id: string): Promise<RunRecord | undefined> {
  try {
    return JSON.parse(await readFile(join(records, `${id}.json`), "utf8")) as RunRecord;
  } catch (error) {
    // A NodeJS.ErrnoException of readFile, or a SyntaxError, which has no code.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
