import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { StoredOperation } from "../src/operation/stored-operation.ts";
import type { Transition } from "../src/operation/transition.ts";
import { CHANGING, COLUMNS } from "../src/store/columns.ts";
import { openDatabase } from "../src/store/sqlite/database.ts";
import { operationOfRow, rowOf } from "../src/store/sqlite/row.ts";
import { migrate } from "../src/store/sqlite/schema.ts";
import { inColumn, type Row } from "../src/store/sqlite/sql-row.ts";

/** What the store sets: a type that stays the same, as it nearly always does, is not written again. */
const SET = CHANGING.filter((column) => column !== "metadata_type");

/** The values of one call of a prepared statement. */
export type Values = Row;

/** What goes into an insert. */
export function insertValues(stored: StoredOperation): Values {
  return rowOf(stored);
}

/** What goes into a compare-and-swap that ends an operation. */
export function swapValues(next: StoredOperation): Values {
  const row = rowOf(next);
  return [...SET.map((column) => inColumn(row, column)), next.name, next.revision - 1];
}

/**
 * What the store is measured against: node:sqlite on the caller's own thread, with the store's schema and its
 * pragmas, and one transaction for all that wait.
 */
export class BareLoop implements Disposable {
  readonly #db: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #swap: StatementSync;
  readonly #get: StatementSync;

  constructor(file: string) {
    this.#db = openDatabase(file);
    migrate(this.#db);
    this.#insert = this.#db.prepare(
      `insert into operations (${COLUMNS.join(", ")}) values (${COLUMNS.map(() => "?").join(", ")})`,
    );
    this.#swap = this.#db.prepare(`
      update operations set ${SET.map((column) => `${column} = ?`).join(", ")}, handler = null, input = null
      where name = ? and revision = ?
    `);
    this.#get = this.#db.prepare(`select ${COLUMNS.join(", ")} from operations where name = ?`);
    this.#get.setReturnArrays(true);
  }

  /** Inserts values that were made beforehand, so many in one transaction. */
  insert(all: readonly Values[], atOnce: number): void {
    this.#commit(all, atOnce, (values) => run(this.#insert, values));
  }

  /** Swaps values that were made beforehand, so many in one transaction: nothing is read, decoded or encoded. */
  swap(all: readonly Values[], atOnce: number): void {
    this.#commit(all, atOnce, (values) => run(this.#swap, values));
  }

  /** Does what an update of the store does: reads each, makes a transition, and swaps it in. */
  update(names: readonly string[], atOnce: number, transition: Transition): void {
    this.#commit(names, atOnce, (name) => {
      // The statement answers arrays; its type does not know.
      const stored = operationOfRow(this.#get.get(name) as unknown as Row);
      run(this.#swap, swapValues({ ...transition(stored), revision: stored.revision + 1 }));
    });
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }

  #commit<T>(all: readonly T[], atOnce: number, write: (one: T) => void): void {
    for (let i = 0; i < all.length; i += atOnce) {
      this.#db.exec("begin immediate");
      for (const one of all.slice(i, i + atOnce)) write(one);
      this.#db.exec("commit");
    }
  }
}

function run(statement: StatementSync, values: Values): void {
  if (statement.run(...values).changes !== 1) throw new Error("a row was not written");
}
