import type { SQLOutputValue } from "node:sqlite";
import { COLUMNS } from "../columns.ts";

/** An operation as values of `COLUMNS`: what goes into a statement, comes out of one, and goes between threads. */
export type Row = readonly SQLOutputValue[];

/** The value of a column. */
export function inColumn(row: Row, column: (typeof COLUMNS)[number]): SQLOutputValue {
  return row[COLUMNS.indexOf(column)] ?? null;
}
