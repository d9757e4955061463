import { parentPort, workerData } from "node:worker_threads";
import { openDatabase } from "./database.ts";
import { type Read, Reads } from "./reads.ts";
import { checkOrigin, migrate } from "./schema.ts";
import type { Row } from "./sql-row.ts";
import { faultOf, isOfOneWrite, type SqliteFault } from "./sqlite-fault.ts";
import { type Changed, type Write, Writes } from "./writes.ts";

// What a thread of the store runs: the one that writes, or the one that reads. It answers one message with one.

/** What a thread is started with. */
export interface StoreThreadData {
  readonly file: string;
  readonly role: "writer" | "reader";
}

/** What a thread is asked, all at once. */
export type Request = { readonly calls: readonly (Write | Read)[] } | "open" | "close";

/** What it answers: of each call what has changed or was found, or what went wrong with it. */
export type Answer = { readonly answers: readonly CallAnswer[] } | { readonly fault: SqliteFault };
export type CallAnswer = Changed | readonly Row[] | SqliteFault;

const port = parentPort;
const { file, role } = workerData as StoreThreadData;

interface Open {
  perform(calls: readonly (Write | Read)[]): readonly CallAnswer[];
  close(): void;
}

function openWriter(): Open {
  const db = openDatabase(file, { check: checkOrigin });
  try {
    migrate(db);
    const writes = new Writes(db);
    return { perform: (calls) => commit(writes, calls as readonly Write[]), close: () => db.close() };
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Makes writes in one transaction; where one of them cannot be made, each in its own, so that the others are. */
function commit(writes: Writes, calls: readonly Write[]): readonly CallAnswer[] {
  try {
    return writes.commit(calls);
  } catch (error) {
    if (calls.length === 1 || !isOfOneWrite(faultOf(error))) throw error;
    return calls.map((call) => {
      try {
        return writes.commit([call])[0] ?? [];
      } catch (error) {
        return faultOf(error);
      }
    });
  }
}

function openReader(): Open {
  const db = openDatabase(file, { readOnly: true });
  const reads = new Reads(db);
  const answer = (read: Read): CallAnswer => {
    try {
      return reads.answer(read);
    } catch (error) {
      return faultOf(error);
    }
  };
  return { perform: (calls) => (calls as readonly Read[]).map(answer), close: () => db.close() };
}

let open: Open | undefined;

function perform(request: Request): Answer {
  try {
    if (request === "open") {
      open = role === "writer" ? openWriter() : openReader();
      return { answers: [] };
    }
    if (request === "close") {
      open?.close();
      return { answers: [] };
    }
    return { answers: open?.perform(request.calls) ?? [] };
  } catch (error) {
    return { fault: faultOf(error) };
  }
}

port?.on("message", (request: Request) => port.postMessage(perform(request)));
