import type { Principal } from "./principal.ts";

/** What a caller wants of an operation, or, with "list", of the operations of a parent. */
export type Action = "get" | "wait" | "cancel" | "delete" | "list";

/** What `authorize` is asked. */
export interface AccessQuestion {
  readonly principal: Principal;
  readonly action: Action;
  /** The operation's name as the caller has it, which need not be one; "" with "list". */
  readonly name: string;
  /** The resource that the operations belong to; "" at the top level. Of what is no name: as much as can be read. */
  readonly parent: string;
  /** The id of who started the operation. Undefined where nobody is known, none is kept, and with "list". */
  readonly owner: string | undefined;
}

/**
 * Whether a caller may. It is asked before a request is validated (AIP-211), also where no such operation is kept, and
 * of each operation that a List would show: with "get". What it throws is answered as INTERNAL.
 */
export interface Authorize {
  (question: AccessQuestion): boolean | Promise<boolean>;
  /** Whether it lets nobody see what somebody else has started: then a List reads the caller's own alone. */
  readonly onlyOwn?: boolean | undefined;
}
