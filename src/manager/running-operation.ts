import type { Any } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Status } from "../../gen/google/rpc/status_pb.ts";
import { cancelledByClient, inDomain, leaseLost, stoppedByServer } from "../operation/errors.ts";
import type { Logger } from "../operation/logger.ts";
import { filling, type MetadataFiller } from "../operation/standard-metadata.ts";
import { statusOfError } from "../operation/status.ts";
import {
  abandon,
  complete,
  giveBack,
  isOwnedBy,
  type OperationResult,
  type Ownership,
  ownedBy,
  reportProgress,
  retryAfter,
  type Transition,
  tracedBy,
  waitingFor,
} from "../operation/transition.ts";
import type { OperationStore } from "../store/operation-store.ts";
import { update } from "../store/update.ts";
import { type Watch, watch } from "../store/watch.ts";
import type { Clock } from "../time/clock.ts";
import { sleep } from "../time/sleep.ts";
import { retryDelayMs } from "./retry-delay.ts";

/** What a running operation needs of its manager. */
export interface RunningOperationOptions {
  readonly name: string;
  /** Whose operation it is: once it is not any more, nothing is written. */
  readonly ownership: Ownership;
  /** Whether another server can go on with the work when this one stops. */
  readonly isResumable: boolean;
  /** Whether a client had cancelled it before its work begins: then that begins to stop, with an aborted signal. */
  readonly isCancelled: boolean;
  /** How long work that is left to others waits beyond its own delay, for an engine that must be told of it. */
  readonly handOverMs: number | undefined;
  readonly fill: MetadataFiller | undefined;
  readonly store: OperationStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly retentionMs: number;
  /** The ErrorInfo domain of the errors that the manager itself ends operations with. */
  readonly errorDomain: string;
  /** What the operation is traced by, once its work has written something; undefined: by what it was. */
  readonly traceParent: string | undefined;
  /** The operation is another's now. */
  onLeaseLost(): void;
}

/**
 * An operation that this manager looks after until it is done or deleted: it hears when a client cancels it,
 * and owns the signal that the work gets.
 */
export class RunningOperation {
  readonly name: string;
  /** Resolves once the operation is done, was deleted, or is looked after no longer. Never rejects. */
  readonly ended: Promise<void>;
  /** Resolves once its end was tried to be written, with or without success. */
  readonly tried: Promise<void>;
  #hasTried = () => {};
  readonly #options: RunningOperationOptions;
  readonly #stop = new AbortController();
  readonly #watch: Watch;
  readonly #released = new AbortController();
  #isStopping = false;
  #isOver = false;

  constructor(options: RunningOperationOptions) {
    this.name = options.name;
    this.#options = options;
    this.tried = new Promise((resolve) => {
      this.#hasTried = resolve;
    });
    if (options.isCancelled) this.#cancel();
    this.#watch = watch(options.store, options.name, options.clock);
    this.ended = this.#follow();
  }

  /** For the how manieth time the work was begun. */
  get attempt(): number {
    return this.#options.ownership.attempt;
  }

  /** The work's signal: aborts with the error that the operation ends with if the work stops. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Whether it was seen that the operation is another's now, deleted, or done by somebody else. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Tells the work that its server stops. */
  stop(): void {
    if (!this.#stop.signal.aborted) this.#isStopping = true;
    this.#stop.abort(stoppedByServer(this.name));
  }

  /** The ErrorInfo domain of the errors that the manager itself ends operations with. */
  get errorDomain(): string {
    return this.#options.errorDomain;
  }

  /** Whether the work was told to stop because its server does, and another server can go on with it. */
  get canBeGivenBack(): boolean {
    return this.#isStopping && this.#options.isResumable;
  }

  /**
   * Ends the operation for work that did not stop in time, or gives it back. What the work still writes, vanishes.
   */
  async abandon(): Promise<void> {
    const error = inDomain(this.errorDomain, stoppedByServer(this.name));
    const result = { case: "error", value: statusOfError(error) } as const;
    const { isResumable, handOverMs } = this.#options;
    const transition = isResumable ? this.#owned(waitingFor(handOverMs, abandon)) : this.#completion(result);
    try {
      await update(this.#options.store, this.name, transition);
    } catch (error) {
      if (!isOver(error)) this.#log("could not be aborted", error);
    }
    this.release();
  }

  /** Looks after the operation no longer. */
  release(): void {
    this.#released.abort("released");
    this.#watch.stop();
  }

  /** Keeps a report of progress. Answers whether that is settled, one way or another. */
  report(metadata: Any): Promise<boolean> {
    return this.#write(this.#owned(reportProgress(metadata)));
  }

  /** Ends the operation, with a last report where there is one. */
  end(result: OperationResult, metadata: Any | undefined): Promise<void> {
    return this.#writeSurely(this.#completion(result, metadata));
  }

  /** Gives the work to whoever goes on with it, with a last report where there is one. */
  giveBack(metadata: Any | undefined): Promise<void> {
    return this.#leave(waitingFor(this.#options.handOverMs, giveBack), metadata);
  }

  /**
   * Leaves the work to be begun again after a delay, with a last report where there is one; or ends the operation with
   * the error, where a cancel was asked for meanwhile.
   */
  retry(delayMs: number, error: Status, metadata: Any | undefined): Promise<void> {
    const end = this.#completion({ case: "error", value: error }, metadata);
    const again = retryAfter(delayMs + (this.#options.handOverMs ?? 0));
    const leave = this.#leaving(again, metadata);
    return this.#writeSurely((stored) => (stored.cancelRequested ? end : leave)(stored));
  }

  #cancel(): void {
    this.#stop.abort(cancelledByClient(this.name));
  }

  #leave(transition: Transition, metadata: Any | undefined): Promise<void> {
    return this.#writeSurely(this.#leaving(transition, metadata));
  }

  #leaving(transition: Transition, metadata: Any | undefined): Transition {
    const report = metadata && reportProgress(metadata);
    return this.#owned((stored) => transition(report ? report(stored) : stored));
  }

  #completion(result: OperationResult, metadata?: Any): Transition {
    const { clock, retentionMs } = this.#options;
    return this.#owned(complete({ result, metadata, endTimeMs: clock.wallMs(), retentionMs }));
  }

  #owned(transition: Transition): Transition {
    const { ownership, fill, clock, traceParent } = this.#options;
    return ownedBy(ownership, tracedBy(traceParent, filling(fill, clock.wallMs(), transition)));
  }

  /** Makes a transition that is of no interest any more once the operation is done, deleted, released or another's. */
  async #write(transition: Transition): Promise<boolean> {
    if (this.#released.signal.aborted) return true;
    try {
      this.#isOver = (await update(this.#options.store, this.name, transition)) === undefined;
      return true;
    } catch (error) {
      if (isOver(error)) {
        this.#isOver = true;
        return true;
      }
      this.#log("could not be written", error);
      return false;
    }
  }

  /** Writes again and again until the store takes it: no operation stays running because a store had a bad moment. */
  async #writeSurely(transition: Transition): Promise<void> {
    for (let refusals = 1; !(await this.#write(transition)); refusals++) {
      this.#hasTried();
      await this.pause(refusals);
    }
    this.#hasTried();
  }

  async #follow(): Promise<void> {
    let refusals = 0;
    while (!this.#released.signal.aborted) {
      try {
        for await (const stored of this.#watch) {
          refusals = 0;
          if (!stored.message.done && !isOwnedBy(stored, this.#options.ownership)) {
            this.#isOver = true;
            this.#options.onLeaseLost();
            this.#stop.abort(leaseLost(this.name));
            this.release();
            return;
          }
          if (stored.cancelRequested) this.#cancel();
          if (stored.message.done) return;
        }
        return;
      } catch (error) {
        this.#log("could not be read", error);
        await this.pause(++refusals);
      }
    }
  }

  /** Lets a store that refused come to itself, unless the operation is looked after no longer. */
  async pause(refusals: number): Promise<void> {
    await sleep(this.#options.clock, retryDelayMs(refusals), this.#released.signal).catch(() => {});
  }

  #log(what: string, error: unknown): void {
    this.#options.logger.error(`operation ${JSON.stringify(this.name)} ${what}`, error);
  }
}

/** Whether a transition came too late: the operation is done, or another's. */
function isOver(error: unknown): boolean {
  return error instanceof ConnectError && error.code === Code.FailedPrecondition;
}
