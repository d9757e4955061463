import { DatabaseSync } from "node:sqlite";

/** The first SQLite in which resetting the WAL cannot corrupt the file. */
const OLDEST_SQLITE = [3, 51, 3] as const;

/** The page cache of one connection, in KiB: the same however many operations are kept. */
const CACHE_KIB = 16_384;

/** When the WAL is copied into the file, in pages of 4 KiB. */
const CHECKPOINT_PAGES = 4_000;

/** How a connection must be for an acknowledgement to survive a power cut. */
const DURABLE: Readonly<Record<string, string | number>> = { journal_mode: "wal", synchronous: 2 };

/** This Node brings an SQLite that may corrupt the file. */
export class SqliteTooOld extends Error {
  override readonly name = "SqliteTooOld";
}

/**
 * Opens a connection on which a commit is on disk when it returns. Throws where that cannot be had.
 * `check` looks at the file before anything is changed in it.
 */
export function openDatabase(
  file: string,
  options: { readonly readOnly?: boolean; readonly check?: (db: DatabaseSync) => void } = {},
): DatabaseSync {
  const { readOnly = false, check } = options;
  const db = new DatabaseSync(file, { readOnly, timeout: 5_000 });
  try {
    check?.(db);
    if (!readOnly) db.exec("pragma journal_mode = wal");
    db.exec(`
      pragma synchronous = full;
      pragma fullfsync = on;
      pragma checkpoint_fullfsync = on;
      pragma cache_size = -${CACHE_KIB};
      pragma wal_autocheckpoint = ${CHECKPOINT_PAGES};
      pragma temp_store = memory;
      pragma foreign_keys = off;
      pragma trusted_schema = off;
    `);
    for (const [name, expected] of Object.entries(DURABLE)) {
      const actual = db.prepare(`pragma ${name}`).get()?.[name];
      if (actual !== expected) throw new Error(`pragma ${name} is ${actual}, and ${expected} is needed`);
    }
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Refuses the SQLite of an older Node. Throws an SqliteTooOld. */
export function checkSqlite(): void {
  const db = new DatabaseSync(":memory:");
  const version = String(db.prepare("select sqlite_version() as version").get()?.["version"]);
  db.close();
  if (isNewEnough(version)) return;
  throw new SqliteTooOld(
    `it needs SQLite ${OLDEST_SQLITE.join(".")} or newer, and Node ${process.versions.node} has ${version}; Node 22.23 and 24.15 have it`,
  );
}

/** Whether a version of SQLite is the oldest that will do, or newer. */
export function isNewEnough(version: string): boolean {
  const parts = version.split(".").map(Number);
  for (const [i, oldest] of OLDEST_SQLITE.entries()) {
    const part = parts[i] ?? 0;
    if (part !== oldest) return part > oldest;
  }
  return true;
}
