import type { ListCondition } from "../operation/list-condition.ts";
import type { OperationRange } from "../operation/operation-range.ts";
import type { StoredOperation } from "../operation/stored-operation.ts";
import type { Transition } from "../operation/transition.ts";
import type { ChangeHub } from "./change-hub.ts";

/** Where in the order of a List an operation stands. */
export interface ListPosition {
  readonly createTimeMs: number;
  readonly name: string;
}

/** Which part of a List is asked for. */
interface ListRange {
  /** At most so many. */
  readonly limit: number;
  /** Only those that stand behind this position, whether or not an operation stands there now. */
  readonly after?: ListPosition | undefined;
  /** Only those that were created then or later, in whole milliseconds since the epoch. */
  readonly createdFromMs?: number | undefined;
  /** Only those that were created then or earlier, in whole milliseconds since the epoch. */
  readonly createdUntilMs?: number | undefined;
}

type OfPrincipal = Extract<ListCondition, { readonly by: "principal" }>;

/** Asks for operations of one parent. */
export interface ListOfParent extends ListRange {
  /** The operations of this parent, and of no other; "" is the top level. */
  readonly parent: string;
  /** Only those that meet this condition. */
  readonly only?: Exclude<ListCondition, OfPrincipal> | undefined;
}

/** Asks for operations of every parent, the top level included. */
export interface ListOfEveryParent extends ListRange {
  readonly parent: undefined;
  /** Only those that meet this condition. */
  readonly only?: OfPrincipal | undefined;
}

/** Which operations a List asks for. A page costs the same at any depth, whatever it asks for and however many are kept. */
export type ListQuery = ListOfParent | ListOfEveryParent;

/** Asks for the operations in a range, of every parent. */
export interface RangeQuery {
  readonly range: OperationRange;
  /** Where more than so many are in the range, nothing is listed. */
  readonly most: number;
  /** At most so many. */
  readonly limit: number;
  /** Only those that stand behind this position, whether or not an operation stands there now. */
  readonly after?: ListPosition | undefined;
}

/** Which of the operations whose owner is gone somebody asks for. */
export interface OrphanQuery {
  /** Those that one of these handlers can go on with; those of any handler; or those that none can go on with. */
  readonly handlers: readonly string[] | "any" | "none";
  /** At most so many. */
  readonly limit: number;
  /** Only the one of this name, if it is among them, and though its delay is not over. */
  readonly name?: string | undefined;
}

/** Which orphans somebody takes over. */
export interface ClaimQuery {
  /** Those that this handler can go on with. */
  readonly handler: string;
  /** At most so many. */
  readonly limit: number;
  /** Only the one of this name, if it is among them, and though its delay is not over. */
  readonly name?: string | undefined;
}

/** An owner's lease: while it is held, the work of its operations is its own. */
export interface Lease {
  /** Ends the lease: from now on the owner's operations are orphans. */
  release(): Promise<void>;
}

/**
 * Keeps operations, and knows nothing of what they mean: it is only asked to keep, find, swap and forget.
 * A promise that resolves is a promise kept: what it tells of is true from then on, for every caller.
 * Operations that go in or come out are never changed by either side.
 *
 * `describeStoreContract` of `longrunning/testing` is this contract as a test suite.
 */
export interface OperationStore extends AsyncDisposable {
  /**
   * Announces a name soon after that operation was inserted, replaced or deleted, and at no other time; and the
   * handler that its work waits for then, where it does (`awaitedHandler`).
   */
  readonly changes: ChangeHub;
  /** Whether other processes may use it too: then what nobody here can do, somebody there may. */
  readonly isShared: boolean;
  /** Keeps a new operation. Answers false, and keeps nothing, where the name or the request's ID is taken. */
  insert(stored: StoredOperation): Promise<boolean>;
  /** The operation as it was last kept; undefined where none of that name is. */
  get(name: string): Promise<StoredOperation | undefined>;
  /** The operation that a request with this ID started; undefined where none is kept. */
  getByRequest(requestId: string): Promise<StoredOperation | undefined>;
  /** Swaps in `next` if the kept revision is the one before it. Answers whether it did. */
  replace(next: StoredOperation): Promise<boolean>;
  /** Forgets an operation. Answers whether there was one. */
  delete(name: string): Promise<boolean>;
  /** Newest create time first; where that is equal, by name, bytewise. */
  list(query: ListQuery): Promise<readonly StoredOperation[]>;
  /**
   * Those in a range, in the order of a List. What it costs goes by how many are in the range, and not by how many are
   * kept. Undefined where they are more than `most`, and where the store would have to look at others.
   */
  listInRange(query: RangeQuery): Promise<readonly StoredOperation[] | undefined>;
  /** Forgets at most `limit` operations whose expire time is at or before `nowMs`. Answers how many. */
  deleteExpired(nowMs: number, limit: number): Promise<number>;
  /**
   * Forgets at most `limit` finished operations of parents that keep more than `mostPerParent` finished ones:
   * those that ended first. Answers how many.
   */
  deleteSurplus(mostPerParent: number, limit: number): Promise<number>;
  /**
   * Gives an owner a lease, and renews it by itself until it is released or this process ends: work that stalls
   * the event loop does not lose it. Others learn of a dead owner within `leaseMs`; where one process alone uses
   * the store, the one that opens it next learns of it at once.
   */
  hold(owner: string, leaseMs: number): Promise<Lease>;
  /**
   * Running operations whose owner holds no lease, and those that were given back, no owner but a handler, whose
   * delay, if they have one, is over. Those first that have waited longest: since they were made, or since their
   * delay was over. Operations with neither owner nor handler are nobody's orphans.
   */
  orphans(query: OrphanQuery): Promise<readonly StoredOperation[]>;
  /**
   * Makes a transition of orphans, in the order of `orphans`. Answers those of which it was made, as they are now.
   * No two who claim at once get the same one.
   */
  claim(query: ClaimQuery, transition: Transition): Promise<readonly StoredOperation[]>;
  /**
   * The secret of that name: `made` where there was none, which is kept from then on, and otherwise the one that is
   * kept. All who ask get the same bytes, at whatever time and in whatever process.
   */
  keyOf(name: string, made: Uint8Array): Promise<Uint8Array>;
}
