import type { StoredOperation } from "../operation/stored-operation.ts";
import type { ChangeHub } from "./change-hub.ts";

/** Where in the order of a List an operation stands. */
export interface ListPosition {
  readonly createTimeMs: number;
  readonly name: string;
}

/** Which operations a List asks for. */
export interface ListQuery {
  /** The operations of this parent, and of no other; "" is the top level. */
  readonly parent: string;
  /** At most so many. */
  readonly limit: number;
  /** Only those that stand behind this position, whether or not an operation stands there now. */
  readonly after?: ListPosition | undefined;
}

/**
 * Keeps operations, and knows nothing of what they mean: it is only asked to keep, find, swap and forget.
 * A promise that resolves is a promise kept: what it tells of is true from then on, for every caller.
 * Operations that go in or come out are never changed by either side.
 *
 * `describeStoreContract` of `longrunning/testing` is this contract as a test suite.
 */
export interface OperationStore extends AsyncDisposable {
  /** Announces a name soon after that operation was inserted, replaced or deleted, and at no other time. */
  readonly changes: ChangeHub;
  /** Keeps a new operation. Answers false, and keeps nothing, where the name is taken. */
  insert(stored: StoredOperation): Promise<boolean>;
  /** The operation as it was last kept; undefined where none of that name is. */
  get(name: string): Promise<StoredOperation | undefined>;
  /** Swaps in `next` if the kept revision is the one before it. Answers whether it did. */
  replace(next: StoredOperation): Promise<boolean>;
  /** Forgets an operation. Answers whether there was one. */
  delete(name: string): Promise<boolean>;
  /** Newest create time first; where that is equal, by name, bytewise. */
  list(query: ListQuery): Promise<readonly StoredOperation[]>;
  /** Forgets at most `limit` operations whose expire time is at or before `nowMs`. Answers how many. */
  deleteExpired(nowMs: number, limit: number): Promise<number>;
}
