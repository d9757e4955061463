import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import { systemClock } from "../../time/clock.ts";
import { CHANGING, COLUMNS } from "../columns.ts";
import { inColumn, type Row } from "./sql-row.ts";

/** One change, as it goes to the writer's thread. */
export type Write =
  | { readonly call: "insert"; readonly row: Row }
  | { readonly call: "replace"; readonly row: Row }
  | { readonly call: "delete"; readonly name: string }
  | { readonly call: "keepKey"; readonly name: string; readonly value: Uint8Array }
  | { readonly call: "deleteExpired"; readonly nowMs: number; readonly limit: number }
  | { readonly call: "deleteSurplus"; readonly mostPerParent: number; readonly limit: number };

/** The names of the operations that a write has changed: none where it was refused, or was of no operation. */
export type Changed = readonly string[];

const UNCHANGED: Changed = [];

/** What the end of an operation sets. Every index that has one of these is written anew, though it stays the same. */
const ENDED = CHANGING.filter((column) => column !== "metadata_type");

/** What is so only of what is done. */
const ENDING: readonly string[] = ["end_time", "expire_time"];

/** The columns that a report of progress sets. */
const REPORTED = ENDED.filter((column) => !ENDING.includes(column));

/** The statements of the one connection that writes. A stale writer changes nothing and tells nobody. */
export class Writes {
  readonly #db: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #report: StatementSync;
  readonly #end: StatementSync;
  readonly #replace: StatementSync;
  readonly #delete: StatementSync;
  readonly #keepKey: StatementSync;
  readonly #deleteExpired: StatementSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#insert = db.prepare(`
      insert into operations (${COLUMNS.join(", ")}, ready_time)
      values (${COLUMNS.map(() => "?").join(", ")}, ?)
      on conflict do nothing
    `);
    // What an operation is, where it belongs and who asked for it never changes.
    const replace = (columns: readonly string[]) => `
      update operations
      set ${columns.map((column) => `${column} = ?`).join(", ")}, ready_time = ?,
        handler = iif(?, handler, null), input = iif(?, input, null)
      where name = ? and revision = ?
    `;
    this.#report = db.prepare(`${replace(REPORTED)} and metadata_type is ? and end_time is null`);
    this.#end = db.prepare(`${replace(ENDED)} and metadata_type is ?`);
    this.#replace = db.prepare(replace(CHANGING));
    this.#delete = db.prepare("delete from operations where name = ?");
    this.#keepKey = db.prepare("insert into keys (name, value) values (?, ?) on conflict do nothing");
    this.#deleteExpired = db.prepare(`
      delete from operations
      where name in (select name from operations where expire_time <= ? order by expire_time limit ?)
      returning name
    `);
  }

  /** Makes all changes in one transaction, or none of them; when it returns, they are on disk. */
  commit(writes: readonly Write[]): Changed[] {
    this.#db.exec("begin immediate");
    try {
      const changed = writes.map((write) => this.#make(write));
      this.#db.exec("commit");
      return changed;
    } finally {
      // Whatever went wrong, the next transaction finds none open.
      if (this.#db.isTransaction) this.#db.exec("rollback");
    }
  }

  #make(write: Write): Changed {
    switch (write.call) {
      case "insert":
        return this.#insert.run(...write.row, readyTimeOf(write.row)).changes === 0
          ? UNCHANGED
          : [String(write.row[0])];
      case "replace":
        return this.#swap(write.row);
      case "delete":
        return this.#delete.run(write.name).changes === 0 ? UNCHANGED : [write.name];
      case "keepKey":
        this.#keepKey.run(write.name, write.value);
        return UNCHANGED;
      case "deleteExpired":
        return namesOf(this.#deleteExpired.all(write.nowMs, write.limit));
      case "deleteSurplus":
        return this.#forgetSurplus(write.mostPerParent, write.limit);
    }
  }

  #swap(row: Row): Changed {
    const name = inColumn(row, "name");
    const isDone = inColumn(row, "end_time") !== null;
    const hasWork = inColumn(row, "handler") === null ? 0 : 1;
    const before = Number(inColumn(row, "revision")) - 1;
    const last = [readyTimeOf(row), hasWork, hasWork, name, before];
    const type = inColumn(row, "metadata_type");
    const { changes } = isDone
      ? this.#end.run(...valuesOf(row, ENDED), ...last, type)
      : this.#report.run(...valuesOf(row, REPORTED), ...last, type);
    if (changes === 1) return [String(name)];
    // It is of another type now, or somebody was quicker.
    return this.#replace.run(...valuesOf(row, CHANGING), ...last).changes === 0 ? UNCHANGED : [String(name)];
  }

  #forgetSurplus(mostPerParent: number, limit: number): Changed {
    const crowded = this.#db.prepare(`
      select parent, count(*) - ? as surplus from operations
      where end_time is not null group by parent having surplus > 0
    `);
    const forget = this.#db.prepare(`
      delete from operations
      where name in (
        select name from operations
        where parent = ? and end_time is not null order by end_time, name limit ?
      )
      returning name
    `);
    const forgotten: string[] = [];
    for (const { parent = null, surplus } of crowded.all(mostPerParent)) {
      const left = Math.min(limit - forgotten.length, Number(surplus));
      if (left > 0) forgotten.push(...namesOf(forget.all(parent, left)));
    }
    return forgotten;
  }
}

function valuesOf(row: Row, columns: readonly (typeof COLUMNS)[number][]): SQLOutputValue[] {
  return columns.map((column) => inColumn(row, column));
}

/** When the work of an operation may be begun: since it was made, or when its delay, which begins now, is over. */
function readyTimeOf(row: Row): number {
  const delay = inColumn(row, "delay");
  const nowMs = systemClock.wallMs();
  return delay === null ? Math.min(Number(inColumn(row, "create_time")), nowMs) : nowMs + Number(delay);
}

function namesOf(rows: readonly Record<string, unknown>[]): string[] {
  return rows.map(({ name }) => String(name));
}
