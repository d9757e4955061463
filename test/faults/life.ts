import type { StoredOperation } from "../../src/operation/stored-operation.ts";
import { reportProgress, type Transition } from "../../src/operation/transition.ts";
import { anyOf, ended, NOON_MS, running } from "../../src/testing/store-contract/sample-operations.ts";

/** How far an operation of the load is. Every operation goes through them in this order. */
export const STAGE = { kept: 1, progressed: 2, done: 3, deleted: 4 } as const;

/** The two who try to end each operation at the same time. */
export const RIVALS = ["one", "other"] as const;

/** The name of the i-th operation. */
export function nameOf(i: number): string {
  return `operations/${i}`;
}

/** Every fifth operation is deleted when it is done. */
export function isDeletedAtLast(i: number): boolean {
  return i % 5 === 0;
}

/** The i-th operation as it is new. */
export function newborn(i: number): StoredOperation {
  return running(String(i), { createTimeMs: NOON_MS + i });
}

/** A report of the i-th operation's work. */
export function progressOf(i: number): Transition {
  return reportProgress(anyOf("a/b.Progress", Buffer.from(`half of ${i}`)));
}

/** The end of the i-th operation, as one of the rivals would have it. */
export function endOf(i: number, rival: string): Transition {
  const value = anyOf("a/b.Result", Buffer.from(resultOf(i, rival)));
  return (stored) => ended(stored, NOON_MS * 2, { case: "response", value });
}

/** How far an operation is that was found. */
export function stageOf({ message }: StoredOperation): number {
  if (message.done) return STAGE.done;
  return message.metadata === undefined ? STAGE.kept : STAGE.progressed;
}

/** Which rival ended an operation; undefined where none did, or where the result is not one that the load writes. */
export function winnerOf(i: number, { message }: StoredOperation): string | undefined {
  if (message.result.case !== "response") return undefined;
  const text = Buffer.from(message.result.value.value).toString();
  return RIVALS.find((rival) => text === resultOf(i, rival));
}

/** Some 300 bytes that no other operation has. */
function resultOf(i: number, rival: string): string {
  return `result ${i} of ${rival}. `.repeat(15);
}
