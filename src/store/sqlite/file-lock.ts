import { DatabaseSync } from "node:sqlite";
import { errcodeOf } from "./sqlite-fault.ts";

const SQLITE_BUSY = 5;

/** Another process has the file. */
export class FileInUse extends Error {
  override readonly name = "FileInUse";
}

/**
 * Locks a file for this process: two that write to it would starve each other. The lock is the operating
 * system's, on a file beside it, and ends with the process, however that ends. Throws a FileInUse at once.
 */
export function lockFile(file: string): Disposable {
  const db = new DatabaseSync(`${file}.lock`, { timeout: 0 });
  try {
    db.exec("begin exclusive");
  } catch (error) {
    db.close();
    if (errcodeOf(error) !== SQLITE_BUSY) throw error;
    throw new FileInUse(
      "it is in use by another process, and one process owns a file; servers that share their operations need PostgreSQL",
    );
  }
  return {
    [Symbol.dispose]: () => {
      if (db.isOpen) db.close();
    },
  };
}
