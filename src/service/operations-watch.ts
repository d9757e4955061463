import {
  WatchOperationsResponse_End_Reason as EndReason,
  WatchOperationsResponse_Gone_Reason as GoneReason,
  type WatchOperationsResponse,
} from "../../gen/longrunning/v1/watch_pb.ts";
import type { StoredOperation } from "../operation/stored-operation.ts";
import { Bell } from "../store/bell.ts";
import type { OperationStore } from "../store/operation-store.ts";
import type { Clock } from "../time/clock.ts";
import { ShownOperations } from "./shown-operations.ts";
import type { Turns } from "./turns.ts";
import { completeEvent, endEvent, goneEvent, keepAliveEvent, shownEvent } from "./watch-events.ts";
import type { Found, WatchTarget } from "./watch-target.ts";

/** Shorter than the minute or so after which proxies cut a stream that is silent. */
const KEEP_ALIVE_MS = 15_000;

/** How many names may wait to be looked at; of more it is only known that there are many. */
const MOST_CHANGED = 2_000;

/** What is done changes no more, and is looked at once in so many rechecks. */
const FULL_RECHECK = 12;

/** How many operations a recheck holds at a time. */
const BATCH = 100;

/**
 * One watch: what changes while its caller reads slowly is kept as a name, and told as it is when the caller reads on.
 * So it holds one operation at a time, or a page of the snapshot, and besides no more than names.
 */
export class OperationsWatch {
  readonly #store: Pick<OperationStore, "get">;
  readonly #target: WatchTarget;
  readonly #clock: Clock;
  readonly #bell = new Bell();
  readonly #turns: Turns;
  readonly #shown: ShownOperations;
  /** The names that are neither done nor gone, where their end is the end. */
  readonly #open: Set<string> | undefined;
  readonly #changed = new Set<string>();
  readonly #endAtMs: number;
  #recheckAtMs = 0;
  #rechecks = 0;
  #sentMs = 0;
  #isMissing = false;
  #isAbandoned = false;
  #unsubscribe = () => {};
  #end: EndReason | undefined;

  /** Ends after `limitMs`. All watches take `turns` with what they tell. */
  constructor(
    target: WatchTarget,
    limitMs: number,
    from: {
      readonly store: Pick<OperationStore, "get">;
      readonly clock: Clock;
      readonly turns: Turns;
    },
  ) {
    const { store, clock, turns } = from;
    this.#store = store;
    this.#target = target;
    this.#clock = clock;
    this.#turns = turns;
    this.#shown = new ShownOperations(target.mostShown);
    this.#open = target.names && new Set(target.names);
    this.#endAtMs = clock.monotonicMs() + limitMs;
  }

  /** Ends it with that reason, once the caller reads on. */
  end(reason: EndReason): void {
    this.#end ??= reason;
    this.#bell.ring();
  }

  /** Nobody reads any more: ends it at once, wherever it is. */
  abandon(): void {
    this.#isAbandoned = true;
    this.#unsubscribe();
    this.#bell.ring();
  }

  /** What the caller is told. Leaves nothing behind. */
  async *events(): AsyncGenerator<WatchOperationsResponse, void, undefined> {
    if (this.#isAbandoned) return;
    this.#follow();
    try {
      for await (const event of this.#events()) {
        yield event;
        this.#sentMs = this.#clock.monotonicMs();
        if (this.#isAbandoned) return;
      }
    } finally {
      this.abandon();
    }
  }

  async *#events(): AsyncGenerator<WatchOperationsResponse, void, undefined> {
    for await (const found of this.#target.snapshot()) {
      if (this.#isOver()) break;
      yield* await this.#take(found);
    }
    if (!this.#isOver()) yield completeEvent();
    while (!this.#isOver()) {
      if (this.#open?.size === 0) {
        this.end(EndReason.ALL_DONE);
        break;
      }
      const [name] = this.#changed;
      if (this.#isMissing) yield* this.#recheck();
      else if (name !== undefined) yield* await this.#take({ name, stored: undefined });
      else if (this.#clock.monotonicMs() >= this.#recheckAtMs) yield* this.#recheck();
      else if (this.#clock.monotonicMs() >= this.#sentMs + KEEP_ALIVE_MS) yield keepAliveEvent();
      else await this.#somethingHappens();
    }
    if (this.#end !== undefined) yield endEvent(this.#end);
  }

  /** From before the first read on, so that no change falls in between. */
  #follow(): void {
    this.#sentMs = this.#clock.monotonicMs();
    this.#recheckAtMs = this.#sentMs + this.#target.recheckMs;
    this.#unsubscribe = this.#target.subscribe({
      changed: (name) => {
        if (this.#changed.size < MOST_CHANGED) this.#changed.add(name);
        else this.#isMissing = true;
        this.#bell.ring();
      },
      missed: () => {
        this.#isMissing = true;
        this.#bell.ring();
      },
    });
  }

  #isOver(): boolean {
    if (this.#clock.monotonicMs() >= this.#endAtMs) this.end(EndReason.TIME_UP);
    return this.#isAbandoned || this.#end !== undefined;
  }

  /** What is to be told of an operation that was found, or has changed. */
  async #take({ name, stored: found }: Found): Promise<WatchOperationsResponse[]> {
    await this.#turns.next();
    if (this.#isAbandoned) return [];
    const hasChanged = this.#changed.delete(name);
    const isLatest = found !== undefined && !hasChanged && this.#shown.mayFollow(found);
    const stored = isLatest ? found : await this.#store.get(name);
    if (stored === undefined) return this.#takeAway(name, GoneReason.DELETED);
    if (!(await this.#target.shows(stored))) return this.#takeAway(name, GoneReason.UNMATCHED);
    if (stored.message.done) this.#open?.delete(name);
    return this.#shown.isNews(stored) ? this.#show(stored) : [];
  }

  #show(stored: StoredOperation): WatchOperationsResponse[] {
    const crowdedOut = this.#shown.add(stored);
    const shown = shownEvent(stored);
    return crowdedOut === undefined ? [shown] : [goneEvent(crowdedOut, GoneReason.CROWDED_OUT), shown];
  }

  #takeAway(name: string, reason: GoneReason): WatchOperationsResponse[] {
    const isAwaited = this.#open?.delete(name) ?? false;
    return this.#shown.delete(name) || isAwaited ? [goneEvent(name, reason)] : [];
  }

  /** Looks for itself at what should be shown. */
  async *#recheck(): AsyncGenerator<WatchOperationsResponse, void, undefined> {
    const isFull = this.#isMissing || ++this.#rechecks % FULL_RECHECK === 0;
    this.#isMissing = false;
    this.#recheckAtMs = this.#clock.monotonicMs() + this.#target.recheckMs;
    const names = this.#target.names ?? [...this.#shown.names({ running: !isFull })];
    for await (const found of isFull ? this.#target.snapshot() : this.#target.newest()) {
      if (this.#isOver()) return;
      const { stored } = found;
      if (stored !== undefined && this.#isNews(found) && this.#shown.hasRoomFor(stored)) {
        yield* await this.#take(found);
      }
    }
    for (let i = 0; i < names.length; i += BATCH) {
      // Read together, they are one question to a database.
      const read = async (name: string) => ({ name, stored: await this.#store.get(name) });
      for (const found of await Promise.all(names.slice(i, i + BATCH).map(read))) {
        if (this.#isOver()) return;
        if (this.#isNews(found)) yield* await this.#take(found);
      }
    }
  }

  #isNews({ name, stored }: Found): boolean {
    if (stored !== undefined) return this.#shown.isNews(stored);
    return this.#shown.has(name) || this.#open?.has(name) === true;
  }

  async #somethingHappens(): Promise<void> {
    const nextMs = Math.min(this.#recheckAtMs, this.#sentMs + KEEP_ALIVE_MS, this.#endAtMs);
    const callOff = this.#clock.after(nextMs - this.#clock.monotonicMs(), () => this.#bell.ring());
    await this.#bell.heard();
    callOff();
  }
}
