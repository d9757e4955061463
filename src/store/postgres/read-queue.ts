import { systemClock } from "../../time/clock.ts";
import type { OperationRecord } from "../columns.ts";
import { PATIENCE_MS, TooManyWaiting } from "./postgres-fault.ts";

/** How many operations one question asks for, and how many questions are asked at once. */
const MOST_NAMES = 500;
const MOST_QUESTIONS = 4;

/** How many reads may wait for the database. */
const MOST_WAITING = 100_000;

interface Asked {
  readonly sinceMs: number;
  readonly resolve: (record: OperationRecord | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The reads of single operations on their way to the database: those that come together are one question. A read
 * is never answered from a question that was asked before it came.
 */
export class ReadQueue {
  readonly #read: (names: readonly string[]) => Promise<readonly OperationRecord[]>;
  #waiting = new Map<string, Asked[]>();
  #count = 0;
  #questions = 0;
  #flushing = false;

  constructor(read: (names: readonly string[]) => Promise<readonly OperationRecord[]>) {
    this.#read = read;
  }

  get(name: string): Promise<OperationRecord | undefined> {
    if (this.#count >= MOST_WAITING) {
      return Promise.reject(new TooManyWaiting(`${MOST_WAITING} reads wait for the database`));
    }
    return new Promise((resolve, reject) => {
      const one = { resolve, reject, sinceMs: systemClock.monotonicMs() };
      const asked = this.#waiting.get(name);
      if (asked === undefined) this.#waiting.set(name, [one]);
      else asked.push(one);
      this.#count++;
      this.#flushSoon();
    });
  }

  #flushSoon(): void {
    if (this.#flushing || this.#questions >= MOST_QUESTIONS) return;
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      while (this.#waiting.size > 0 && this.#questions < MOST_QUESTIONS) void this.#ask();
    });
  }

  async #ask(): Promise<void> {
    const batch = new Map([...this.#waiting].slice(0, MOST_NAMES));
    for (const name of batch.keys()) this.#take(name);
    this.#questions++;
    try {
      const records = new Map((await this.#read([...batch.keys()])).map((record) => [record.name, record]));
      for (const [name, asked] of batch) for (const { resolve } of asked) resolve(records.get(name));
    } catch (error) {
      for (const asked of batch.values()) for (const { reject } of asked) reject(error);
      this.#giveUp(error);
    } finally {
      this.#questions--;
      if (this.#waiting.size > 0) this.#flushSoon();
    }
  }

  /** Who has waited for long need not be told so anew by a database that is away. */
  #giveUp(error: unknown): void {
    const sinceMs = systemClock.monotonicMs() - PATIENCE_MS;
    for (const [name, asked] of this.#waiting) {
      // They stand in the order in which they were first asked for.
      if (asked.some((one) => one.sinceMs > sinceMs)) return;
      this.#take(name);
      for (const { reject } of asked) reject(error);
    }
  }

  #take(name: string): void {
    this.#count -= this.#waiting.get(name)?.length ?? 0;
    this.#waiting.delete(name);
  }
}
