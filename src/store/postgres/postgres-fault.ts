import { storeFull, storeUnavailable } from "../../operation/errors.ts";

/** Who has waited so long when the database fails, is refused with those that it failed. */
export const PATIENCE_MS = 5_000;

/** Too many calls wait for the database already. */
export class TooManyWaiting extends Error {
  override readonly name = "TooManyWaiting";
}

/** PostgreSQL's code for what it refused (SQLSTATE), or the operating system's for what the connection failed of. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** Whether PostgreSQL refused one statement, for its data, a deadlock or a locked row, rather than failed. */
export function isOfStatement(error: unknown): boolean {
  // Class 22 is bad data, 23 a constraint, 54 a limit of the program; 40 is a transaction that others were in the way
  // of, and 55P03 a row that another has locked for long.
  return /^(22|23|40|54|55P03)/.test(codeOf(error));
}

/** Whether a table or its schema is not there. */
export function isMissing(error: unknown): boolean {
  return /^(42P01|3F000)$/.test(codeOf(error));
}

/** What a caller is told; what it was, which may name hosts and tables, is for the log. */
export function refusalOf(error: unknown): unknown {
  // Class 53: disk full, out of memory, too many connections.
  if (error instanceof TooManyWaiting || /^53/.test(codeOf(error))) return storeFull(error);
  return error instanceof Error ? storeUnavailable(error) : error;
}
