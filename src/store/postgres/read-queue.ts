import type { OperationRecord } from "../columns.ts";

/** How many operations one question asks for, and how many questions are asked at once. */
const MOST_NAMES = 500;
const MOST_QUESTIONS = 4;

interface Asked {
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
  #questions = 0;
  #flushing = false;

  constructor(read: (names: readonly string[]) => Promise<readonly OperationRecord[]>) {
    this.#read = read;
  }

  get(name: string): Promise<OperationRecord | undefined> {
    return new Promise((resolve, reject) => {
      const asked = this.#waiting.get(name);
      if (asked === undefined) this.#waiting.set(name, [{ resolve, reject }]);
      else asked.push({ resolve, reject });
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
    for (const name of batch.keys()) this.#waiting.delete(name);
    this.#questions++;
    try {
      const records = new Map((await this.#read([...batch.keys()])).map((record) => [record.name, record]));
      for (const [name, asked] of batch) for (const { resolve } of asked) resolve(records.get(name));
    } catch (error) {
      for (const asked of batch.values()) for (const { reject } of asked) reject(error);
    } finally {
      this.#questions--;
      if (this.#waiting.size > 0) this.#flushSoon();
    }
  }
}
