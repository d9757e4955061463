import type { Transport } from "@connectrpc/connect";
import type { QueryClient } from "@tanstack/react-query";
import { createOperationsClient } from "../client/create-operations-client.ts";
import { systemClock } from "../time/clock.ts";
import { followAlone } from "./follow-alone.ts";
import { followTogether, type Listener } from "./follow-together.ts";
import { OperationCache } from "./operation-cache.ts";

/** What one call may watch. */
const MOST_NAMES = 1_000;

/** Components that mount or unmount within so short a time are one change: those of a page, and StrictMode's doubles. */
const GATHER_MS = 20;

/** Each call begins with the state of all that it watches, so a page that shows ever more waits between two of them. */
const BETWEEN_CALLS_MS = 500;

/** An operation that components show. */
interface Shown {
  readonly name: string;
  components: number;
  isRunning: boolean;
}

/** A call that watches, and what it watches. */
interface WatchCall {
  readonly names: ReadonlySet<string>;
  readonly stop: AbortController;
}

/**
 * Follows the operations that a page shows, all of them by one call, and keeps the page's cache up to date with them.
 * Where the server does not offer to watch, it waits for each by WaitOperation. It follows what the cache knows as
 * running: what is done, or cannot be asked for, costs no call, and while nothing is shown there is none.
 */
export class OperationsFeed {
  readonly #client: ReturnType<typeof createOperationsClient>;
  readonly #cache: OperationCache;
  /** By their hashes in the cache. */
  readonly #shown = new Map<string, Shown>();
  #watches: WatchCall[] = [];
  /** Those that are waited for one by one. */
  readonly #waits = new Map<string, AbortController>();
  #isWatchOffered = true;
  #watchedMs = Number.NEGATIVE_INFINITY;
  #callOff: (() => void) | undefined;
  #callOffWatch: (() => void) | undefined;
  #unsubscribe: (() => void) | undefined;

  readonly #listener: Listener = {
    onState: (operation) => this.#cache.write(operation),
    onGone: (name) => void this.#cache.refetch(name),
  };

  /** Calls nobody until something is shown. */
  constructor(queryClient: QueryClient, transport: Transport) {
    this.#client = createOperationsClient(transport);
    this.#cache = new OperationCache(queryClient, transport);
  }

  /** Keeps an operation up to date from now on. Answers what ends that. */
  show(name: string): () => void {
    const hash = this.#cache.hashOf(name);
    const shown = this.#shown.get(hash) ?? { name, components: 0, isRunning: this.#cache.isRunning(hash) };
    shown.components += 1;
    this.#shown.set(hash, shown);
    this.#unsubscribe ??= this.#cache.subscribe((changed) => this.#look(changed));
    this.#adjustSoon();
    let isShown = true;
    return () => {
      if (!isShown) return;
      isShown = false;
      shown.components -= 1;
      if (shown.components === 0) this.#shown.delete(hash);
      this.#adjustSoon();
    };
  }

  /** Whether a call is under way that tells of the operation. */
  isFollowing(name: string): boolean {
    return this.#waits.has(name) || this.#watches.some(({ names }) => names.has(name));
  }

  #look(hash: string): void {
    const shown = this.#shown.get(hash);
    if (shown === undefined) return;
    const isRunning = this.#cache.isRunning(hash);
    if (isRunning === shown.isRunning) return;
    shown.isRunning = isRunning;
    this.#adjustSoon();
  }

  #adjustSoon(): void {
    this.#callOff ??= systemClock.after(GATHER_MS, () => {
      this.#callOff = undefined;
      this.#adjust();
    });
  }

  /** Calls for what runs and is not told of, and ends the calls for what nobody shows any more or is done. */
  #adjust(): void {
    if (this.#shown.size === 0) {
      this.#unsubscribe?.();
      this.#unsubscribe = undefined;
    }
    const running = new Set(this.#running());
    for (const [name, stop] of this.#waits) if (!running.has(name)) this.#endWait(name, stop);
    for (const watch of this.#watches) {
      if (!this.#isWatchOffered || ![...watch.names].some((name) => running.has(name))) this.#endWatch(watch);
    }
    const untold = [...running].filter((name) => !this.isFollowing(name));
    if (!this.#isWatchOffered) for (const name of untold) this.#wait(name);
    else if (untold.length > 0) this.#watchAlso(untold);
  }

  /** Watches more, in one call with what the last call watches. */
  #watchAlso(untold: readonly string[]): void {
    const nowMs = systemClock.monotonicMs();
    const earlyMs = this.#watchedMs + BETWEEN_CALLS_MS - nowMs;
    if (earlyMs > 0) {
      this.#callOffWatch ??= systemClock.after(earlyMs, () => {
        this.#callOffWatch = undefined;
        this.#adjust();
      });
      return;
    }
    this.#watchedMs = nowMs;
    const last = this.#watches.at(-1);
    const known = this.#running().filter((name) => last?.names.has(name));
    if (last !== undefined) this.#endWatch(last);
    const names = [...known, ...untold];
    for (let i = 0; i < names.length; i += MOST_NAMES)
      void this.#watch(new Set(names.slice(i, i + MOST_NAMES)));
  }

  /** Never rejects. */
  async #watch(names: ReadonlySet<string>): Promise<void> {
    const watch: WatchCall = { names, stop: new AbortController() };
    this.#watches.push(watch);
    const { signal } = watch.stop;
    const wanted = () => this.#running().filter((name) => names.has(name));
    try {
      await followTogether(
        (...call) => this.#client.watchOperations(...call),
        wanted,
        this.#listener,
        signal,
      );
    } catch {
      // One name may have had all of them refused. What became of each, GetOperation says.
      const asked = wanted();
      await Promise.all(asked.map((name) => this.#cache.refetch(name)));
      const answered = asked.length > 0 && wanted().length === asked.length;
      // It answers for all of them: so it is the watch that cannot be had.
      if (answered && !signal.aborted) this.#isWatchOffered = false;
    }
    if (signal.aborted) return;
    this.#endWatch(watch);
    this.#adjustSoon();
  }

  #endWatch(watch: WatchCall): void {
    watch.stop.abort();
    this.#watches = this.#watches.filter((other) => other !== watch);
  }

  /** Never rejects. */
  async #wait(name: string): Promise<void> {
    const stop = new AbortController();
    this.#waits.set(name, stop);
    await followAlone(this.#client, name, this.#cache, stop.signal);
    if (stop.signal.aborted) return;
    this.#endWait(name, stop);
    this.#adjustSoon();
  }

  #endWait(name: string, stop: AbortController): void {
    stop.abort();
    this.#waits.delete(name);
  }

  #running(): string[] {
    return [...this.#shown.values()].filter(({ isRunning }) => isRunning).map(({ name }) => name);
  }
}
