import { Code, ConnectError } from "@connectrpc/connect";
import { cancelledByClient, stoppedByServer } from "../operation/errors.ts";
import { statusOfError } from "../operation/status.ts";
import type { StoredOperation } from "../operation/stored-operation.ts";
import { complete, type OperationResult, type Transition } from "../operation/transition.ts";
import type { OperationStore } from "../store/operation-store.ts";
import { update } from "../store/update.ts";
import { type Watch, watch } from "../store/watch.ts";
import type { Clock } from "../time/clock.ts";
import { sleep } from "../time/sleep.ts";
import type { Logger } from "./logger.ts";

/** What a running operation needs of its manager. */
export interface RunningOperationOptions {
  readonly name: string;
  readonly store: OperationStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly retentionMs: number;
}

/** How long a manager waits before it tries again what a store refused: doubled each time, to at most 30 s. */
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 30_000;

/**
 * An operation that this manager looks after until it is done or deleted: it hears when a client cancels it,
 * and owns the signal that the work gets.
 */
export class RunningOperation {
  readonly name: string;
  /** Resolves once the operation is done, was deleted, or is looked after no longer. Never rejects. */
  readonly ended: Promise<void>;
  readonly #options: RunningOperationOptions;
  readonly #stop = new AbortController();
  readonly #watch: Watch;
  readonly #released = new AbortController();

  constructor(options: RunningOperationOptions) {
    this.name = options.name;
    this.#options = options;
    this.#watch = watch(options.store, options.name, options.clock);
    this.ended = this.#follow();
  }

  /** The work's signal: aborts with the error that the operation ends with if the work stops. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Tells the work that its server stops. */
  stop(): void {
    this.#stop.abort(stoppedByServer(this.name));
  }

  /** Ends the operation for work that did not stop in time. What the work still writes, vanishes. */
  async abandon(): Promise<void> {
    const result = { case: "error", value: statusOfError(stoppedByServer(this.name)) } as const;
    try {
      await update(this.#options.store, this.name, this.completion(result));
    } catch (error) {
      if (!isAlreadyDone(error)) this.#log("could not be aborted", error);
    }
    this.release();
  }

  /** Looks after the operation no longer. */
  release(): void {
    this.#released.abort("released");
    this.#watch.stop();
  }

  /** The transition that ends the operation now. */
  completion(result: OperationResult, metadata?: StoredOperation["message"]["metadata"]): Transition {
    const endTimeMs = this.#options.clock.wallMs();
    const expireTimeMs = endTimeMs + this.#options.retentionMs;
    return complete({ result, metadata, endTimeMs, expireTimeMs });
  }

  /** Makes a transition that is of no interest any more once the operation is done, deleted or released. */
  async write(transition: Transition): Promise<boolean> {
    if (this.#released.signal.aborted) return true;
    try {
      await update(this.#options.store, this.name, transition);
      return true;
    } catch (error) {
      if (isAlreadyDone(error)) return true;
      this.#log("could not be written", error);
      return false;
    }
  }

  /** As `write`, again and again until the store takes it: no operation stays running because a store had a bad moment. */
  async writeSurely(transition: Transition): Promise<void> {
    for (let delayMs = FIRST_RETRY_MS; !(await this.write(transition)); delayMs *= 2) {
      await this.#pause(delayMs);
    }
  }

  async #follow(): Promise<void> {
    let delayMs = FIRST_RETRY_MS;
    while (!this.#released.signal.aborted) {
      try {
        for await (const stored of this.#watch) {
          delayMs = FIRST_RETRY_MS;
          if (stored.cancelRequested) this.#stop.abort(cancelledByClient(this.name));
          if (stored.message.done) return;
        }
        return;
      } catch (error) {
        this.#log("could not be read", error);
        await this.#pause(delayMs);
        delayMs *= 2;
      }
    }
  }

  /** Lets a store that refused come to itself, unless the operation is looked after no longer. */
  async #pause(delayMs: number): Promise<void> {
    await sleep(this.#options.clock, Math.min(delayMs, LAST_RETRY_MS), this.#released.signal).catch(() => {});
  }

  #log(what: string, error: unknown): void {
    this.#options.logger.error(`operation "${this.name}" ${what}`, error);
  }
}

function isAlreadyDone(error: unknown): boolean {
  return error instanceof ConnectError && error.code === Code.FailedPrecondition;
}
