import { ask } from "../postgres/ask.ts";

/**
 * Lets PostgreSQL itself note each end of an operation, and each change of one that has ended, in the transaction
 * that makes it: what nobody sees stands there too.
 */
export const AUDIT = `
  create schema audit;
  create table audit.ends (
    name text,
    revision bigint,
    at_ms double precision default extract(epoch from clock_timestamp()) * 1000
  );
  create table audit.late_changes (name text, revision bigint);
  create function audit.note() returns trigger language plpgsql as $$
    begin
      if old.end_time is not null then
        insert into audit.late_changes values (new.name, new.revision);
      elsif new.end_time is not null then
        insert into audit.ends values (new.name, new.revision);
      end if;
      return null;
    end
  $$;
  create trigger audit after update on longrunning.operations for each row execute function audit.note();
`;

/** What PostgreSQL has noted. */
export interface Audit {
  /** How many operations have ended. */
  readonly ends: number;
  /** Operations that have ended more than once, or have changed after their end. */
  readonly endedTwice: readonly string[];
  /** When each operation ended, by the clock of the database. */
  readonly endTimesMs: ReadonlyMap<string, number>;
  /** For the how manieth time the work of each operation was begun. */
  readonly attempts: ReadonlyMap<string, number>;
}

export async function readAudit(url: string): Promise<Audit> {
  const ends = await ask<{ name: string; at_ms: number }>(url, "select name, at_ms from audit.ends");
  const twice = await ask<{ name: string }>(
    url,
    `select name from audit.ends group by name having count(*) > 1 union select name from audit.late_changes`,
  );
  const kept = await ask<{ name: string; attempt: number }>(
    url,
    "select name, attempt from longrunning.operations",
  );
  return {
    ends: ends.length,
    endedTwice: twice.map(({ name }) => name),
    endTimesMs: new Map(ends.map(({ name, at_ms }) => [name, at_ms])),
    attempts: new Map(kept.map(({ name, attempt }) => [name, attempt])),
  };
}
