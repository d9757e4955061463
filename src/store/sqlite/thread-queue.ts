import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { threadScript } from "../thread-script.ts";
import type { Read } from "./reads.ts";
import type { Row } from "./sql-row.ts";
import type { SqliteFault } from "./sqlite-fault.ts";
import type { Answer, Request, StoreThreadData } from "./store-thread.ts";
import type { Changed, Write } from "./writes.ts";

/** How many calls go to a thread at once: enough to share one fsync, few enough that their answers stall nobody. */
const MOST_AT_ONCE = 250;

/** How many calls may wait for a thread. */
const MOST_WAITING = 100_000;

/** A call went wrong in a thread, or never reached it. */
export class ThreadFault extends Error {
  override readonly name = "ThreadFault";
  readonly fault: SqliteFault;

  constructor(fault: SqliteFault) {
    super(fault.message);
    this.fault = fault;
  }
}

interface Waiting {
  readonly call: Write | Read;
  /** Is told what came of the call, before whoever asked goes on. */
  readonly settle: (answer: Changed | readonly Row[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A thread of the store and the calls that wait for it. While the thread works on some calls, those that come
 * meanwhile are gathered, and go to it together: so they share a transaction, and its fsync.
 */
export class ThreadQueue {
  readonly #worker: Worker;
  #waiting: Waiting[] = [];
  #asked: ((answer: Answer) => void) | undefined;
  /** Why it takes no more calls. */
  #refusal: SqliteFault | undefined;
  #closing: Promise<void> | undefined;
  #flushing = false;
  #idle = () => {};

  constructor(data: StoreThreadData) {
    const script = new URL(`./store-thread${extname(import.meta.url)}`, import.meta.url);
    const name = `longrunning sqlite ${data.role}`;
    this.#worker = new Worker(threadScript(script), { workerData: data, name });
    this.#worker.on("message", (answer: Answer) => this.#answered(answer));
    this.#worker.on("error", (error) => this.#loseThread(error.message));
    this.#worker.on("exit", () => this.#loseThread("the thread has ended"));
    this.#worker.unref();
  }

  /** Has the thread open the file. Throws a ThreadFault where it cannot. */
  async open(): Promise<void> {
    const answer = await this.#ask("open");
    if ("fault" in answer) throw new ThreadFault(answer.fault);
  }

  /** Calls the thread. `settle` is called with the answer at the moment it comes; a ThreadFault rejects. */
  call<T>(call: Write | Read, settle: (answer: Changed | readonly Row[]) => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#refusal !== undefined) return reject(new ThreadFault(this.#refusal));
      if (this.#waiting.length >= MOST_WAITING) {
        return reject(
          new ThreadFault({ message: `${MOST_WAITING} calls wait for the disk`, errcode: undefined }),
        );
      }
      const settled = (answer: Changed | readonly Row[]) => {
        // One whose answer makes no sense keeps no other from its own.
        try {
          resolve(settle(answer));
        } catch (error) {
          reject(error);
        }
      };
      this.#waiting.push({ call, settle: settled, reject });
      this.#flushSoon();
    });
  }

  /** Takes no more calls, has the thread do what waits, close the file, and end. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const wasLost = this.#refusal !== undefined;
    this.#refusal ??= { message: "the store is closed", errcode: undefined };
    if (!wasLost) {
      const idle = new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
      this.#flush();
      await idle;
      await this.#ask("close");
    }
    await this.#worker.terminate();
  }

  /** What is called in one go, goes in one message. */
  #flushSoon(): void {
    if (this.#flushing || this.#asked !== undefined) return;
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#asked !== undefined) return;
    if (this.#waiting.length === 0) {
      this.#idle();
      return;
    }
    const batch = this.#waiting.splice(0, MOST_AT_ONCE);
    void this.#ask({ calls: batch.map(({ call }) => call) }).then((answer) => {
      // The thread works on what waits while this one deals with what came.
      this.#flush();
      // Between two batches the event loop goes round: while answers come quickly, it otherwise would not.
      setImmediate(() => settleAll(batch, answer));
    });
  }

  #ask(request: Request): Promise<Answer> {
    return new Promise((resolve) => {
      this.#asked = resolve;
      // Who waits for an answer keeps the process alive; an idle thread does not.
      this.#worker.ref();
      this.#worker.postMessage(request);
    });
  }

  #answered(answer: Answer): void {
    const asked = this.#asked;
    this.#asked = undefined;
    this.#worker.unref();
    asked?.(answer);
  }

  #loseThread(message: string): void {
    this.#refusal = { message, errcode: undefined };
    for (const { reject } of this.#waiting.splice(0)) reject(new ThreadFault(this.#refusal));
    this.#answered({ fault: this.#refusal });
    this.#idle();
  }
}

function settleAll(batch: readonly Waiting[], answer: Answer): void {
  for (const [i, { settle, reject }] of batch.entries()) {
    const own = "fault" in answer ? answer.fault : answer.answers[i];
    if (own === undefined)
      reject(new ThreadFault({ message: "the thread did not answer", errcode: undefined }));
    else if ("message" in own) reject(new ThreadFault(own));
    else settle(own);
  }
}
