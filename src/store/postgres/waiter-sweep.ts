import type { Clock } from "../../time/clock.ts";
import { Recurring } from "../../time/recurring.ts";
import type { ChangeHub } from "../change-hub.ts";

/** How often those who wait here look for themselves: between one and two seconds, so that servers do not do so together. */
const INTERVAL_MS = 1_000;

/** How many operations are looked at in one question. */
const BATCH = 5_000;

/** The revisions of operations, of those that are kept. */
export type ReadRevisions = (names: readonly string[]) => Promise<ReadonlyMap<string, number>>;

/**
 * Looks now and then at the operations that somebody here waits for, and announces those that have changed: so
 * nobody waits for ever for a hint that was lost. It costs as much as there are waiters, however many operations
 * there are.
 */
export class WaiterSweep {
  readonly #hub: ChangeHub;
  readonly #read: ReadRevisions;
  readonly #recurring: Recurring;
  /** What those who wait have seen; 0 where nothing was kept. */
  readonly #seen = new Map<string, number>();

  constructor(hub: ChangeHub, read: ReadRevisions, clock: Clock) {
    this.#hub = hub;
    this.#read = read;
    this.#recurring = new Recurring(
      clock,
      () => INTERVAL_MS * (1 + Math.random()),
      () => this.#sweep(),
    );
  }

  /** Somebody here has seen this revision; 0 where nothing is kept. */
  note(name: string, revision: number): void {
    if (this.#hub.isAwaited(name)) this.#seen.set(name, revision);
  }

  /** Looks at once. Resolves once that is done. Never rejects. */
  sweep(): Promise<void> {
    return this.#recurring.now();
  }

  /** Looks no more. */
  close(): Promise<void> {
    return this.#recurring.close();
  }

  async #sweep(): Promise<void> {
    for (const name of this.#seen.keys()) if (!this.#hub.isAwaited(name)) this.#seen.delete(name);
    const names = [...this.#hub.awaited];
    try {
      for (let i = 0; i < names.length && !this.#recurring.isClosed; i += BATCH) {
        await this.#look(names.slice(i, i + BATCH));
      }
    } catch {
      // The database is away: the next look comes soon.
    }
  }

  async #look(names: readonly string[]): Promise<void> {
    const before = new Map(names.map((name) => [name, this.#seen.get(name)]));
    const revisions = await this.#read(names);
    for (const [name, seen] of before) {
      // Who saw something else meanwhile needs no telling.
      if (this.#seen.get(name) === seen && (revisions.get(name) ?? 0) !== seen) this.#hub.announce(name);
    }
  }
}
