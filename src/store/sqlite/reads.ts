import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { systemClock } from "../../time/clock.ts";
import { COLUMNS } from "../columns.ts";
import { compareInList } from "../list-order.ts";
import { type Walk, walksOf } from "../list-walks.ts";
import type { ListPosition, ListQuery, OrphanQuery } from "../operation-store.ts";
import { inColumn, type Row } from "./sql-row.ts";

/** One question, as it goes to the reader's thread. */
export type Read =
  | { readonly call: "get"; readonly name: string }
  | { readonly call: "getByRequest"; readonly requestId: string }
  | { readonly call: "key"; readonly name: string }
  | { readonly call: "list"; readonly query: ListQuery }
  | { readonly call: "orphans"; readonly query: OrphanQuery; readonly owners: readonly string[] };

const SELECT = `select ${COLUMNS.join(", ")} from operations`;

/** The statements of the connection that reads. */
export class Reads {
  readonly #db: DatabaseSync;
  readonly #get: StatementSync;
  readonly #getByRequest: StatementSync;
  readonly #key: StatementSync;
  /** The statements of walks, by what is behind their `where`. */
  readonly #walks = new Map<string, StatementSync>();
  readonly #orphans: StatementSync;
  readonly #orphanOfName: StatementSync;

  constructor(db: DatabaseSync) {
    const prepare = (sql: string) => prepared(db, sql);
    this.#db = db;
    this.#get = prepare(`${SELECT} where name = ?`);
    this.#getByRequest = prepare(`${SELECT} where request_id = ?`);
    this.#key = prepare("select value from keys where name = ?");
    const orphans = `
      select name from operations
      where end_time is null
        and iif(owner is null, handler is not null, owner not in (select value from json_each(?)))
        and case ? when 'none' then handler is null when 'any' then handler is not null
          else handler in (select value from json_each(?)) end
    `;
    this.#orphans = prepare(`${orphans} and ready_time <= ? order by ready_time, name limit ?`);
    this.#orphanOfName = prepare(`${orphans} and name = ? limit ?`);
  }

  /** The rows that answer a question. */
  answer(read: Read): readonly Row[] {
    switch (read.call) {
      case "get":
        return rowsOf(this.#get, read.name);
      case "getByRequest":
        return rowsOf(this.#getByRequest, read.requestId);
      case "key":
        return rowsOf(this.#key, read.name);
      case "list":
        return this.#answerList(read.query);
      case "orphans": {
        const { handlers, limit, name } = read.query;
        const [which, names] = typeof handlers === "string" ? [handlers, []] : ["these", handlers];
        const values = [JSON.stringify(read.owners), which, JSON.stringify(names)];
        const orphans =
          name === undefined
            ? rowsOf(this.#orphans, ...values, systemClock.wallMs(), limit)
            : rowsOf(this.#orphanOfName, ...values, name, limit);
        return orphans.flatMap(([name = null]) => this.#rowIfReadable(name));
      }
    }
  }

  /** One whose page is damaged keeps no other from being found. */
  #rowIfReadable(name: SQLInputValue): readonly Row[] {
    try {
      return rowsOf(this.#get, name);
    } catch {
      return [];
    }
  }

  #answerList(query: ListQuery): readonly Row[] {
    const listed: Row[] = [];
    for (const walks of walksOf(query)) {
      const left = query.limit - listed.length;
      if (left === 0) break;
      const found = walks.map((walk) => this.#walk(walk, left));
      const [only] = found;
      if (found.length === 1 && only !== undefined) listed.push(...only);
      else listed.push(...found.flat().sort(compareRows).slice(0, left));
    }
    const { createdFromMs } = query;
    return createdFromMs === undefined
      ? listed
      : listed.filter((row) => Number(inColumn(row, "create_time")) >= createdFromMs);
  }

  #walk({ index, where }: Walk, limit: number): readonly Row[] {
    const values: SQLInputValue[] = [];
    const condition = where((value) => {
      values.push(value);
      return "?";
    });
    let statement = this.#walks.get(condition);
    if (statement === undefined) {
      // Whatever somebody's `analyze` has told SQLite of the file.
      statement = prepared(
        this.#db,
        `${SELECT} indexed by ${index} where ${condition} order by create_time desc, name limit ?`,
      );
      this.#walks.set(condition, statement);
    }
    return rowsOf(statement, ...values, limit);
  }
}

function prepared(db: DatabaseSync, sql: string): StatementSync {
  const statement = db.prepare(sql);
  statement.setReturnArrays(true);
  return statement;
}

function compareRows(a: Row, b: Row): number {
  return compareInList(positionOf(a), positionOf(b));
}

function positionOf(row: Row): ListPosition {
  return { createTimeMs: Number(inColumn(row, "create_time")), name: String(inColumn(row, "name")) };
}

function rowsOf(statement: StatementSync, ...values: readonly SQLInputValue[]): readonly Row[] {
  // The statement answers arrays; its type does not know.
  return statement.all(...values) as unknown as readonly Row[];
}
