import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { systemClock } from "../../time/clock.ts";
import { COLUMNS } from "../columns.ts";
import { compareInList } from "../list-order.ts";
import { type Bind, type Walk, walksOf } from "../list-walks.ts";
import type { ListPosition, ListQuery, OrphanQuery, RangeQuery } from "../operation-store.ts";
import { behind, inRange } from "../range-conditions.ts";
import { inColumn, type Row } from "./sql-row.ts";

/** One question, as it goes to the reader's thread. */
export type Read =
  | { readonly call: "get"; readonly name: string }
  | { readonly call: "getByRequest"; readonly requestId: string }
  | { readonly call: "key"; readonly name: string }
  | { readonly call: "list"; readonly query: ListQuery }
  | { readonly call: "countInRange"; readonly query: RangeQuery }
  | { readonly call: "listInRange"; readonly query: RangeQuery }
  | { readonly call: "orphans"; readonly query: OrphanQuery; readonly owners: readonly string[] };

const SELECT = `select ${COLUMNS.join(", ")} from operations`;

const IN_ORDER = "order by create_time desc, name";

/** The index of names is that of the primary key. */
const INDEX_OF_RANGE = {
  name: "sqlite_autoindex_operations_1",
  expireTime: "operations_expiring",
  endTime: "operations_ended",
} as const;

/** The statements of the connection that reads. */
export class Reads {
  readonly #db: DatabaseSync;
  readonly #get: StatementSync;
  readonly #getByRequest: StatementSync;
  readonly #key: StatementSync;
  /** The statements that list, by their texts. */
  readonly #lists = new Map<string, StatementSync>();
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
      case "countInRange":
        return this.#countInRange(read.query);
      case "listInRange":
        return this.#answerRange(read.query);
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

  /** How many are in the range, and one more than may be where it is more: in one row of one column. */
  #countInRange({ range, most }: RangeQuery): readonly Row[] {
    return this.#ask((bind) => {
      const some = `select 1 from operations indexed by ${INDEX_OF_RANGE[range.of]} where ${inRange(range, bind)}`;
      return `select count(*) from (${some} limit ${bind(most + 1)})`;
    });
  }

  #answerRange({ range, limit, after }: RangeQuery): readonly Row[] {
    return this.#ask((bind) => {
      const where = `${inRange(range, bind)}${behind(after, bind)}`;
      return `${SELECT} indexed by ${INDEX_OF_RANGE[range.of]} where ${where} ${IN_ORDER} limit ${bind(limit)}`;
    });
  }

  #walk({ index, where }: Walk, limit: number): readonly Row[] {
    return this.#ask(
      (bind) => `${SELECT} indexed by ${index} where ${where(bind)} ${IN_ORDER} limit ${bind(limit)}`,
    );
  }

  /** What a statement answers that names its index, whatever somebody's `analyze` has told SQLite of the file. */
  #ask(statementOf: (bind: Bind) => string): readonly Row[] {
    const values: SQLInputValue[] = [];
    const sql = statementOf((value) => `?${values.push(value)}`);
    let statement = this.#lists.get(sql);
    if (statement === undefined) {
      statement = prepared(this.#db, sql);
      this.#lists.set(sql, statement);
    }
    return rowsOf(statement, ...values);
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
