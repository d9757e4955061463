import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import {
  WatchOperationsResponse_End_Reason as EndReason,
  type OperationsWatchService,
  type WatchOperationsRequest,
  type WatchOperationsResponse,
} from "../../gen/longrunning/v1/watch_pb.ts";
import type { AccessOf } from "../access/operation-access.ts";
import { compileFilter } from "../filter/filter.ts";
import type { FilterTypes } from "../filter/operation-field.ts";
import { invalidField, operationNotFound } from "../operation/errors.ts";
import { checkOperationName, isOperationName, parentIn, parentOfList } from "../operation/operation-name.ts";
import type { OperationType } from "../operation/operation-type.ts";
import type { Share } from "../operation/share.ts";
import type { OperationStore } from "../store/operation-store.ts";
import { type Clock, systemClock } from "../time/clock.ts";
import { filterTypes } from "./filter-types.ts";
import type { PrincipalOf } from "./operations-service.ts";
import { OperationsWatch } from "./operations-watch.ts";
import { ScopeFeed } from "./scope-feed.ts";
import { Turns } from "./turns.ts";
import { DEFAULT_DEADLINE_MARGIN, type DeadlineMargin, waitLimitMs } from "./wait-limit.ts";
import { waitShare } from "./wait-share.ts";
import type { WatchTarget } from "./watch-target.ts";
import { WatchedNames } from "./watched-names.ts";
import { WatchedScope } from "./watched-scope.ts";

const MOST_NAMES = 1_000;
const MOST_OPERATIONS = 1_000;

/** How many events of all watches are made before others are answered: each takes some tens of microseconds. */
const EVENTS_AT_ONCE = 20;

/** As long as many tokens are good for: whoever watches on is asked anew who they are. */
const DEFAULT_MAX_WATCH_MS = 60 * 60_000;

/** How the watch behaves. What it has in common with the Operations service is the same for both. */
export interface WatchServiceOptions {
  /** The longest that a watch lasts, in milliseconds. 1 hour by default. */
  readonly maxWatchMs?: number | undefined;
  /** How long before the caller's deadline a watch ends. 5 %, 20 ms to 1 s, by default. */
  readonly deadlineMargin?: DeadlineMargin | undefined;
  readonly principalOf?: PrincipalOf | undefined;
  readonly accessOf?: AccessOf | undefined;
  readonly types?: readonly OperationType[] | undefined;
  /** The machine's clock by default. */
  readonly clock?: Clock | undefined;
}

/** longrunning.v1.OperationsWatchService over a store: tells clients of operations as they change. */
export class WatchService implements ServiceImpl<typeof OperationsWatchService> {
  readonly #store: OperationStore;
  readonly #waits: Share;
  readonly #clock: Clock;
  readonly #limits: { readonly maxWaitMs: number; readonly margin: DeadlineMargin };
  readonly #feed: ScopeFeed;
  readonly #pages = new Turns();
  readonly #events = new Turns(EVENTS_AT_ONCE);
  readonly #filterTypes: FilterTypes;
  readonly #accessOf: AccessOf;
  readonly #principalOf: PrincipalOf;
  readonly #watches = new Set<OperationsWatch>();
  #isClosed = false;

  /** `waits` is what each watch takes one of: the same as the calls that wait take of. */
  constructor(store: OperationStore, options: WatchServiceOptions = {}, waits: Share = waitShare({})) {
    this.#store = store;
    this.#waits = waits;
    this.#clock = options.clock ?? systemClock;
    this.#feed = new ScopeFeed(store.changes);
    this.#filterTypes = filterTypes(options.types ?? []);
    this.#accessOf = options.accessOf ?? (() => undefined);
    this.#principalOf = options.principalOf ?? (() => undefined);
    this.#limits = {
      maxWaitMs: options.maxWatchMs ?? DEFAULT_MAX_WATCH_MS,
      margin: options.deadlineMargin ?? DEFAULT_DEADLINE_MARGIN,
    };
  }

  /** Yields until the watch ends or nobody reads it any more, and leaves nothing behind. Throws what Get or List would. */
  async *watchOperations(
    request: WatchOperationsRequest,
    context: HandlerContext,
  ): AsyncGenerator<WatchOperationsResponse, void, undefined> {
    const limitMs = waitLimitMs(undefined, context.timeoutMs(), this.#limits);
    const target = await this.#targetOf(request, context);
    const giveBack = this.#waits.take(this.#principalOf(context));
    const watch = new OperationsWatch(target, limitMs, {
      ...{ store: this.#store, clock: this.#clock, turns: this.#events },
    });
    this.#watches.add(watch);
    if (this.#isClosed) watch.end(EndReason.SERVER_STOPPING);
    const leave = () => {
      watch.abandon();
      giveBack();
      this.#watches.delete(watch);
    };
    // Whoever goes while an answer is not taken, may never ask for the next.
    context.signal.addEventListener("abort", leave);
    if (context.signal.aborted) leave();
    try {
      yield* watch.events();
    } finally {
      context.signal.removeEventListener("abort", leave);
      leave();
    }
  }

  /** How many calls watch now. */
  get watching(): number {
    return this.#watches.size;
  }

  /** Ends every watch, and from now on each as soon as it begins: the server stops. */
  close(): void {
    this.#isClosed = true;
    for (const watch of this.#watches) watch.end(EndReason.SERVER_STOPPING);
  }

  #targetOf(request: WatchOperationsRequest, context: HandlerContext): Promise<WatchTarget> {
    return request.names.length > 0 ? this.#namesOf(request, context) : this.#scopeOf(request, context);
  }

  /** Throws what GetOperation would, for the first name that it would refuse (AIP-211). */
  async #namesOf(request: WatchOperationsRequest, context: HandlerContext): Promise<WatchedNames> {
    const names = [...new Set(request.names)];
    if (names.length > MOST_NAMES) {
      throw invalidField("names", names.length, `are more than ${MOST_NAMES}`);
    }
    const access = this.#accessOf(context);
    for (const name of names) {
      const stored = isOperationName(name) ? await this.#store.get(name) : undefined;
      await access?.check("get", name, stored);
      checkOperationName(name, "names");
      if (stored === undefined) throw operationNotFound(name);
    }
    const { parent, filter, maxOperations } = request;
    if (parent !== "") throw invalidField("parent", parent, "is not to be set with names");
    if (filter !== "") throw invalidField("filter", filter, "is not to be set with names");
    if (maxOperations !== 0) {
      throw invalidField("max_operations", maxOperations, "is not to be set with names");
    }
    return new WatchedNames(names, this.#store.changes, access);
  }

  /** Throws what ListOperations would. */
  async #scopeOf(request: WatchOperationsRequest, context: HandlerContext): Promise<WatchedScope> {
    const { maxOperations } = request;
    const access = this.#accessOf(context);
    await access?.checkList(parentIn(request.parent));
    const parent = parentOfList(request.parent, "parent");
    const filter = compileFilter(request.filter, this.#filterTypes);
    if (maxOperations < 0) throw invalidField("max_operations", maxOperations, "is negative");
    const mostShown = Math.min(maxOperations === 0 ? MOST_OPERATIONS : maxOperations, MOST_OPERATIONS);
    return new WatchedScope(
      { parent, filter, access, mostShown },
      { store: this.#store, feed: this.#feed, turns: this.#pages },
    );
  }
}
