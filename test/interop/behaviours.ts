import { expect } from "vitest";

/** What every client is to show, and what it must have seen then. A client's program prints a line of JSON for each. */
export interface Behaviour {
  readonly id: string;
  /** What happens, as a head of the table in docs/clients.md. */
  readonly title: string;
  /** What the program must have seen. */
  readonly saw: unknown;
}

const NAME = /^(projects\/[a-z0-9-]+\/)?operations\/[A-Za-z0-9-]+$/;

/** The codes of google.rpc.Code that the behaviours meet. */
const CANCELLED = 1;
const NOT_FOUND = 5;
const FAILED_PRECONDITION = 9;

/**
 * In the order of the table. What a program does for each:
 *
 * - start: starts work of 60 s.
 * - poll: starts work of 1 s with payload "polled", and asks (the client's own polling, where it has one) until done.
 * - wait: starts work of 1 s with payload "waited", and calls WaitOperation once, with a timeout of 30 s.
 * - progress: starts work of 2 s in 3 steps, and follows its metadata until it is done; `rising` where what it saw
 *   never fell, and it saw more than one state.
 * - success: reads the response of work that succeeds with payload "hello" as a typed message.
 * - failure: work that fails with FAILED_PRECONDITION, "the disk is full" and an ErrorInfo of reason DISK_FULL and
 *   domain "example.com".
 * - cancel: cancels work of 60 s, and waits for its end.
 * - delete: deletes an operation that is done, and gets it again.
 * - list: starts 5 operations of no duration in a parent of its own, and lists them in pages of 2.
 * - not-found: gets operations/none.
 * - deadline: WaitOperation without a timeout on work of 60 s, with 5 s for the call; `early` where the answer came
 *   before that.
 * - unknown-any: gets projects/far/operations/away, whose metadata is of a type that nobody knows, and lists its parent.
 */
export const BEHAVIOURS: readonly Behaviour[] = [
  { id: "start", title: "start", saw: { name: expect.stringMatching(NAME), done: false } },
  { id: "poll", title: "poll", saw: { done: true, payload: "polled" } },
  { id: "wait", title: "wait", saw: { done: true, payload: "waited" } },
  { id: "progress", title: "progress", saw: { stepsDone: 3, stepsTotal: 3, rising: true } },
  { id: "success", title: "success", saw: { payload: "hello" } },
  {
    id: "failure",
    title: "failure",
    saw: {
      code: FAILED_PRECONDITION,
      message: "the disk is full",
      reason: "DISK_FULL",
      domain: "example.com",
    },
  },
  { id: "cancel", title: "cancel", saw: { code: CANCELLED } },
  { id: "delete", title: "delete", saw: { code: NOT_FOUND } },
  { id: "list", title: "list", saw: { operations: 5, pages: 3 } },
  { id: "not-found", title: "not found", saw: { code: NOT_FOUND, reason: "OPERATION_NOT_FOUND" } },
  { id: "deadline", title: "deadline", saw: { done: false, early: true } },
  {
    id: "unknown-any",
    title: "unknown Any",
    saw: { typeUrl: "type.googleapis.com/far.away.Thing", value: "ff007f", listed: 1 },
  },
];
