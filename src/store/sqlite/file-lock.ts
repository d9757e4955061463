import { once } from "node:events";
import { stat } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { DatabaseSync } from "node:sqlite";
import { causeOf, errcodeOf, faultOf } from "./sqlite-fault.ts";

const SQLITE_BUSY = 5;

/** Somebody else has the file. */
export class FileInUse extends Error {
  override readonly name = "FileInUse";

  constructor() {
    super(
      "it is in use already, and one store of one process owns a file; servers that share their operations need PostgreSQL",
    );
  }
}

/** The file cannot be locked. The message completes a sentence that begins with the file. */
export class LockFault extends Error {
  override readonly name = "LockFault";
}

/**
 * Locks a file for this process: two that write to it would starve each other, and end each other's work. The
 * locks are the operating system's, and end with the process, however that ends. Throws a FileInUse at once.
 */
export async function lockFile(file: string): Promise<AsyncDisposable> {
  const found = await stat(file);
  const { dev, ino, nlink } = found;
  if (found.isFile() && nlink > 1)
    throw new LockFault("it has several names (hard links), and its WAL is found by one");
  const socket = await listenFor(`longrunning-sqlite-${dev}-${ino}`);
  try {
    const db = lockBeside(file);
    return {
      async [Symbol.asyncDispose]() {
        if (db.isOpen) db.close();
        socket?.close();
      },
    };
  } catch (error) {
    socket?.close();
    throw error;
  }
}

/** SQLite's own lock, on a file beside the one to lock. */
function lockBeside(file: string): DatabaseSync {
  const db = new DatabaseSync(`${file}.lock`, { timeout: 0 });
  try {
    db.exec("begin exclusive");
    return db;
  } catch (error) {
    db.close();
    if (errcodeOf(error) === SQLITE_BUSY) throw new FileInUse();
    throw new LockFault(`its lock "${file}.lock" cannot be had: ${causeOf(faultOf(error))}`);
  }
}

/**
 * On Linux, an address that one process of the machine can have: unlike the lock on a file, it does not go when
 * somebody removes that file, or opens and closes it in this process. Undefined where there are none.
 */
async function listenFor(name: string): Promise<Server | undefined> {
  if (process.platform !== "linux") return undefined;
  const server = createServer((socket) => socket.destroy());
  server.unref();
  server.listen(`\0${name}`);
  try {
    await once(server, "listening");
    return server;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") throw new FileInUse();
    return undefined;
  }
}
