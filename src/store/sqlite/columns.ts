import type { SQLOutputValue } from "node:sqlite";

/** The columns of an operation, in the order of a {@link Row}. */
export const COLUMNS = [
  "name",
  "parent",
  "revision",
  "message",
  "cancel_requested",
  "create_time",
  "start_time",
  "end_time",
  "expire_time",
  "owner",
  "attempt",
  "handler",
  "input",
  "request_id",
  "request_digest",
  "retention",
] as const;

/** An operation as values of {@link COLUMNS}: what goes into a statement, comes out of one, and goes between threads. */
export type Row = readonly SQLOutputValue[];

/** The columns that a change of an operation may change, beside those of its work. */
export const CHANGING = [
  "revision",
  "message",
  "cancel_requested",
  "start_time",
  "end_time",
  "expire_time",
  "owner",
  "attempt",
] as const satisfies readonly Column[];

type Column = (typeof COLUMNS)[number];

/** The value of a column. */
export function inColumn(row: Row, column: Column): SQLOutputValue {
  return row[COLUMNS.indexOf(column)] ?? null;
}
