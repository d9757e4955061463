import type { SQLOutputValue } from "node:sqlite";
import type { StoredOperation } from "../../operation/stored-operation.ts";
import { COLUMNS, type OperationRecord } from "../columns.ts";
import { operationOf, recordOf } from "../operation-record.ts";
import type { Row } from "./sql-row.ts";

/** The row of an operation. */
export function rowOf(stored: StoredOperation): Row {
  // A record has its columns in their order.
  return Object.values<SQLOutputValue>({ ...recordOf(stored) });
}

/** The operation of a row. */
export function operationOfRow(row: Row): StoredOperation {
  const record: Record<string, SQLOutputValue> = {};
  for (const [i, column] of COLUMNS.entries()) record[column] = row[i] ?? null;
  return operationOf(record as unknown as OperationRecord);
}
