import type { DatabaseSync } from "node:sqlite";
import { metadataTypeIn } from "../operation-record.ts";

/** Marks a file as one of ours: "lrop" in ASCII. */
const APPLICATION_ID = 0x6c726f70;

/**
 * What makes each version of the schema from the one before it. A version that was released never changes:
 * what comes next is a new entry.
 */
const MIGRATIONS: readonly string[] = [
  `
  create table operations (
    name text not null primary key,
    parent text not null,
    revision integer not null,
    message blob not null,
    cancel_requested integer not null,
    create_time integer not null,
    start_time integer,
    end_time integer,
    expire_time integer,
    owner text,
    attempt integer not null,
    handler text,
    input blob,
    request_id text,
    request_digest text,
    retention integer
  ) strict;
  create index operations_in_list on operations (parent, create_time desc, name);
  create index operations_running on operations (create_time, name, owner, handler) where end_time is null;
  create index operations_expiring on operations (expire_time) where expire_time is not null;
  create unique index operations_requested on operations (request_id) where request_id is not null;
  `,
  // When the work of an operation may be begun: when it was made, or when its delay is over.
  `
  alter table operations add column delay integer;
  alter table operations add column ready_time integer not null default 0;
  update operations set ready_time = create_time where end_time is null;
  drop index operations_running;
  create index operations_running on operations (ready_time, name, owner, handler) where end_time is null;
  `,
  // Who started an operation: nobody is known to have started those that were there before.
  `
  alter table operations add column principal text;
  create table keys (name text not null primary key, value blob not null) strict;
  `,
  // What operations are listed by, beside their parent. Who uses no parents pays for no list of all of them.
  `
  alter table operations add column metadata_type text;
  update operations set metadata_type = metadata_type_of(message);
  create index operations_below on operations (create_time desc, name) where parent <> '';
  create index operations_running_in_list on operations (parent, create_time desc, name)
    where end_time is null;
  create index operations_of_type on operations (parent, metadata_type, create_time desc, name);
  create index operations_of_principal on operations (principal, create_time desc, name)
    where principal is not null;
  `,
  // What the story of an operation is traced by.
  `
  alter table operations add column trace_parent text;
  `,
  // What has ended is found by when, and forgotten so where too many are kept: files of those who cap them have the index.
  `
  create index if not exists operations_ended on operations (parent, end_time, name) where end_time is not null;
  `,
];

/** A file that this version cannot use. The message completes a sentence that begins with the file. */
export class SchemaFault extends Error {
  override readonly name = "SchemaFault";
}

/**
 * Refuses a database of another program, and a file that a newer version wrote, before anything is changed in it.
 * Throws a SchemaFault.
 */
export function checkOrigin(db: DatabaseSync, migrations: readonly string[] = MIGRATIONS): void {
  const version = pragma(db, "user_version");
  const applicationId = pragma(db, "application_id");
  const isEmpty = db.prepare("select 1 from sqlite_schema limit 1").get() === undefined;
  if (isEmpty ? applicationId !== 0 || version !== 0 : applicationId !== APPLICATION_ID) {
    throw new SchemaFault("it is a database of another program");
  }
  if (version <= migrations.length) return;
  throw new SchemaFault(
    `it was written by a newer version of longrunning (schema ${version}, and this version knows ${migrations.length})`,
  );
}

/** Brings a file to the newest schema, in one transaction for each version. Refuses what `checkOrigin` refuses. */
export function migrate(db: DatabaseSync, migrations: readonly string[] = MIGRATIONS): void {
  checkOrigin(db, migrations);
  db.function("metadata_type_of", { deterministic: true }, (message) =>
    metadataTypeIn(message as Uint8Array),
  );
  for (const [i, migration] of migrations.entries()) {
    if (i < pragma(db, "user_version")) continue;
    try {
      db.exec(`
        begin immediate;
        ${migration}
        pragma application_id = ${APPLICATION_ID};
        pragma user_version = ${i + 1};
        commit;
      `);
    } finally {
      if (db.isTransaction) db.exec("rollback");
    }
  }
  // SQLite opens what may only be read without a word.
  db.exec(`begin immediate; pragma user_version = ${migrations.length}; rollback`);
}

function pragma(db: DatabaseSync, name: string): number {
  return Number(db.prepare(`pragma ${name}`).get()?.[name]);
}
