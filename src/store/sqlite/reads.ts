import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { systemClock } from "../../time/clock.ts";
import { COLUMNS } from "../columns.ts";
import type { ListQuery, OrphanQuery } from "../operation-store.ts";
import type { Row } from "./sql-row.ts";

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
  readonly #get: StatementSync;
  readonly #getByRequest: StatementSync;
  readonly #key: StatementSync;
  readonly #list: StatementSync;
  readonly #listSameTime: StatementSync;
  readonly #listEarlier: StatementSync;
  readonly #orphans: StatementSync;
  readonly #orphanOfName: StatementSync;

  constructor(db: DatabaseSync) {
    const prepare = (sql: string) => {
      const statement = db.prepare(sql);
      statement.setReturnArrays(true);
      return statement;
    };
    this.#get = prepare(`${SELECT} where name = ?`);
    this.#getByRequest = prepare(`${SELECT} where request_id = ?`);
    this.#key = prepare("select value from keys where name = ?");
    this.#list = prepare(`${SELECT} where parent = ? order by create_time desc, name limit ?`);
    // Behind a position stand those of the same time and a later name, and then those of an earlier time:
    // two walks along the index, so that a page costs the same however deep it lies.
    this.#listSameTime = prepare(
      `${SELECT} where parent = ? and create_time = ? and name > ? order by name limit ?`,
    );
    this.#listEarlier = prepare(
      `${SELECT} where parent = ? and create_time < ? order by create_time desc, name limit ?`,
    );
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

  #answerList({ parent, limit, after }: ListQuery): readonly Row[] {
    if (after === undefined) return rowsOf(this.#list, parent, limit);
    const sameTime = rowsOf(this.#listSameTime, parent, after.createTimeMs, after.name, limit);
    if (sameTime.length === limit) return sameTime;
    const earlier = rowsOf(this.#listEarlier, parent, after.createTimeMs, limit - sameTime.length);
    return [...sameTime, ...earlier];
  }
}

function rowsOf(statement: StatementSync, ...values: readonly SQLInputValue[]): readonly Row[] {
  // The statement answers arrays; its type does not know.
  return statement.all(...values) as unknown as readonly Row[];
}
