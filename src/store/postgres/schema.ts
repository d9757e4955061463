import type { ClientBase } from "pg";

/** One step of the schema. */
interface Migration {
  readonly sql: string;
  /**
   * The oldest version of the schema whose servers still work with it. A step that older servers do not survive
   * comes a release after the one in which nobody needs any more what it takes away.
   */
  readonly oldestCompatible: number;
}

/**
 * What makes each version of the schema from the one before it. A version that was released never changes:
 * what comes next is a new entry. `operations` and the others stand for the tables in the schema of the user's choice.
 */
const MIGRATIONS: readonly Migration[] = [
  {
    oldestCompatible: 1,
    sql: `
      create table operations (
        name text collate "C" primary key,
        parent text collate "C" not null,
        revision bigint not null,
        message bytea not null,
        cancel_requested boolean not null,
        create_time bigint not null,
        start_time bigint,
        end_time bigint,
        expire_time bigint,
        owner text collate "C",
        attempt integer not null,
        handler text collate "C",
        input bytea,
        request_id text collate "C" unique,
        request_digest text,
        retention bigint
      ) with (fillfactor = 80);
      create index operations_in_list on operations (parent, create_time desc, name);
      create index operations_waiting on operations (handler, create_time, name)
        where end_time is null and owner is null;
      create index operations_owned on operations (owner)
        where end_time is null and owner is not null;
      create index operations_expiring on operations (expire_time) where expire_time is not null;
      create index operations_ended on operations (parent, end_time, name) where end_time is not null;
      create table owners (
        owner text collate "C" primary key,
        lease_end timestamptz not null
      );
    `,
  },
  {
    // Older servers neither set a delay nor heed one: with them work is begun again too soon, and nothing is lost.
    oldestCompatible: 1,
    sql: `
      alter table operations add column delay bigint, add column ready_time bigint not null default 0;
      create index operations_ready on operations (handler, ready_time, name)
        where end_time is null and owner is null;
      drop index operations_waiting;
      create table writers (
        writer uuid primary key,
        transactions bigint not null,
        last_time timestamptz not null
      ) with (fillfactor = 50);
    `,
  },
  {
    // Nobody is known to have started what older servers start.
    oldestCompatible: 1,
    sql: `
      alter table operations add column principal text collate "C";
      create table keys (
        name text collate "C" primary key,
        value bytea not null
      );
    `,
  },
  {
    // What older servers write is of no type until a newer one is started, and looks.
    oldestCompatible: 1,
    sql: `
      alter table operations add column metadata_type text collate "C";
      create index operations_below on operations (create_time desc, name) where parent <> '';
      create index operations_running_in_list on operations (parent, create_time desc, name)
        where end_time is null;
      create index operations_of_type on operations (parent, metadata_type, create_time desc, name);
      create index operations_of_principal on operations (principal, create_time desc, name)
        where principal is not null;
      create index operations_untyped on operations (name) where metadata_type is null;
    `,
  },
  {
    // Older servers leave the story of an operation as they found it, and tell none of what they start.
    oldestCompatible: 1,
    sql: `
      alter table operations add column trace_parent text;
    `,
  },
];

/** Two servers that start at once take turns. */
const LOCK = 0x6c726f70;

/** A schema that this version cannot use. */
export class SchemaFault extends Error {
  override readonly name = "SchemaFault";
}

/**
 * Brings a schema to the newest version, and makes it where there is none. Servers may do so at once, and while
 * others run. Where nothing is to be done it needs no right to change tables. Throws a SchemaFault for a schema
 * that is too new.
 */
export async function migrate(client: ClientBase, schema: string): Promise<void> {
  if ((await versionOf(client, schema)) === MIGRATIONS.length) return;
  await client.query("begin");
  try {
    await client.query("select pg_advisory_xact_lock($1)", [LOCK]);
    // Another server may have done it meanwhile.
    const version = await versionOf(client, schema);
    if (version < MIGRATIONS.length) await migrateFrom(client, schema, version);
    await client.query("commit");
  } catch (error) {
    await client.query("rollback");
    throw error;
  }
}

async function migrateFrom(client: ClientBase, schema: string, version: number): Promise<void> {
  if (version === 0) {
    // Who owns the schema may make tables there, and need not be allowed to make schemas.
    const { rowCount } = await client.query(
      `select from pg_catalog.pg_namespace where '"' || replace(nspname, '"', '""') || '"' = $1`,
      [schema],
    );
    if (rowCount === 0) await client.query(`create schema if not exists ${schema}`);
    await client.query(`
      create table if not exists ${schema}.schema_version (version integer, oldest_compatible integer)
    `);
    await client.query(`insert into ${schema}.schema_version values (0, 0)`);
  }
  await client.query(`set local search_path to ${schema}`);
  for (const [i, { sql, oldestCompatible }] of MIGRATIONS.entries()) {
    if (i < version) continue;
    await client.query(sql);
    await client.query("update schema_version set version = $1, oldest_compatible = $2", [
      i + 1,
      oldestCompatible,
    ]);
  }
}

/** The version of a schema as far as this one knows it; 0 where there is none. Throws a SchemaFault where it is too new. */
async function versionOf(client: ClientBase, schema: string): Promise<number> {
  // Asked of the catalog itself: of a name that was looked up in vain PostgreSQL remembers that, for a while.
  const { rowCount } = await client.query(
    `select from pg_catalog.pg_class join pg_catalog.pg_namespace on pg_namespace.oid = relnamespace
     where relname = 'schema_version' and '"' || replace(nspname, '"', '""') || '"' = $1`,
    [schema],
  );
  if (rowCount === 0) return 0;
  const { rows } = await client.query(`select version, oldest_compatible from ${schema}.schema_version`);
  const { version = 0, oldest_compatible: oldest = 0 } = rows[0] ?? {};
  if (oldest > MIGRATIONS.length) {
    throw new SchemaFault(
      `it was made by a newer version of longrunning (schema ${version}, and this version knows ${MIGRATIONS.length})`,
    );
  }
  return Math.min(version, MIGRATIONS.length);
}
