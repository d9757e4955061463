import type { DescMessage, MessageInitShape } from "@bufbuild/protobuf";
import type { Operation } from "../../gen/google/longrunning/operations_pb.ts";
import { packed } from "../operation/encoded-message.ts";
import { operationAlreadyExists, operationNotFound, serverStopping } from "../operation/errors.ts";
import { checkParent, newOperationName } from "../operation/operation-name.ts";
import type { OperationType } from "../operation/operation-type.ts";
import { copyOfMessage, newStoredOperation, type StoredOperation } from "../operation/stored-operation.ts";
import { complete, type OperationResult, reportProgress, type Transition } from "../operation/transition.ts";
import type { OperationStore } from "../store/operation-store.ts";
import { update } from "../store/update.ts";
import { type Clock, systemClock } from "../time/clock.ts";
import { ExpirySweep } from "./expiry-sweep.ts";
import type { Logger } from "./logger.ts";
import { ProgressWriter } from "./progress-writer.ts";
import { runWork } from "./run-work.ts";
import { RunningOperation } from "./running-operation.ts";
import type { Work } from "./work.ts";
import { statusOfGiven } from "./work-error.ts";

const DAY_MS = 24 * 60 * 60_000;

/** How a manager behaves. */
export interface OperationManagerOptions {
  /** How long a finished operation is kept, in milliseconds. 30 days by default (AIP-151). */
  readonly retentionMs?: number | undefined;
  /** How often expired operations are looked for, in milliseconds. Every minute by default. */
  readonly sweepIntervalMs?: number | undefined;
  /** How long `close` waits for work to stop before its operations end as ABORTED, in milliseconds. 10 s by default. */
  readonly graceMs?: number | undefined;
  /** Where errors go that clients must not see. `console` by default. */
  readonly logger?: Logger | undefined;
  /** The machine's clock by default. */
  readonly clock?: Clock | undefined;
}

/** What a new operation starts with. */
export interface StartOptions<Metadata extends DescMessage> {
  /** The resource that the operation belongs to: it is named `{parent}/operations/ID`. At the top level by default. */
  readonly parent?: string | undefined;
  /** What is reported before the work reports itself. */
  readonly metadata?: MessageInitShape<Metadata> | undefined;
}

/** An operation whose work runs elsewhere. */
export interface NewOperation {
  /** What the RPC that asked for the work answers with. */
  readonly operation: Operation;
  /** The name by which `setMetadata`, `setResult` and `setError` find it. */
  readonly name: string;
  /** Aborts when a client cancels the operation, and when this manager closes. */
  readonly signal: AbortSignal;
}

/**
 * Runs the work of operations on this server, and ends them. One manager may share its store with others:
 * whoever ends an operation first, wins.
 */
export class OperationManager implements AsyncDisposable {
  readonly #store: OperationStore;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #retentionMs: number;
  readonly #graceMs: number;
  readonly #sweep: ExpirySweep;
  readonly #running = new Map<RunningOperation, Promise<void>>();
  readonly #inserting = new Set<Promise<boolean>>();
  #closing: Promise<void> | undefined;

  constructor(store: OperationStore, options: OperationManagerOptions = {}) {
    this.#store = store;
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? console;
    this.#retentionMs = options.retentionMs ?? 30 * DAY_MS;
    this.#graceMs = options.graceMs ?? 10_000;
    this.#sweep = new ExpirySweep(store, this.#clock, this.#logger, options.sweepIntervalMs ?? 60_000);
  }

  /** How many operations this manager looks after now. */
  get running(): number {
    return this.#running.size;
  }

  /**
   * Starts work and answers its operation. The work goes on when the RPC that asked for it is over.
   * What the work reports or answers before it first waits for something is in the answer already:
   * the first metadata, or the result.
   *
   * Throws INVALID_ARGUMENT for a parent that can have no operations, and UNAVAILABLE once `close` was called.
   */
  async start<Response extends DescMessage, Metadata extends DescMessage>(
    type: OperationType<Response, Metadata>,
    work: Work<Response, Metadata>,
    options: StartOptions<Metadata> = {},
  ): Promise<Operation> {
    const { stored: started, running } = await this.#insert(type, options);
    const progress = new ProgressWriter((metadata) => running.write(reportProgress(metadata)));
    const working = runWork(type, work, running, progress, this.#logger);
    this.#keepUntil(working, running);
    // One turn of the event loop: all that the work does before it waits for something outside is done then.
    const ended = await Promise.race([working.then(() => true), nextTurn()]);
    if (!ended) await Promise.race([working, progress.flush()]);
    const stored = (await this.#store.get(running.name)) ?? started;
    return copyOfMessage(stored.message);
  }

  /**
   * Makes an operation whose work runs elsewhere, and is told of by `setMetadata`, `setResult` and `setError`.
   * Throws as `start` does.
   */
  async newOperation<Response extends DescMessage, Metadata extends DescMessage>(
    type: OperationType<Response, Metadata>,
    options: StartOptions<Metadata> = {},
  ): Promise<NewOperation> {
    const { stored, running } = await this.#insert(type, options);
    this.#keepUntil(running.ended, running);
    return { operation: copyOfMessage(stored.message), name: running.name, signal: running.signal };
  }

  /** Tells how far the work of an operation is. Throws NOT_FOUND, or FAILED_PRECONDITION where it is done. */
  async setMetadata<Metadata extends DescMessage>(
    type: OperationType<DescMessage, Metadata>,
    name: string,
    metadata: MessageInitShape<Metadata>,
  ): Promise<void> {
    await this.#update(name, reportProgress(packed(type.metadata, metadata)));
  }

  /** Ends an operation with its response. Throws NOT_FOUND, or FAILED_PRECONDITION where it is done. */
  async setResult<Response extends DescMessage>(
    type: OperationType<Response>,
    name: string,
    response: MessageInitShape<Response>,
  ): Promise<void> {
    await this.#end(name, { case: "response", value: packed(type.response, response) });
  }

  /**
   * Ends an operation with an error: a ConnectError's code, message and details, or a status, which is UNKNOWN
   * where its code is none that an error has.
   * Any other error becomes INTERNAL and goes to the log. Throws NOT_FOUND, or FAILED_PRECONDITION where it is done.
   */
  async setError(name: string, error: unknown): Promise<void> {
    await this.#end(name, { case: "error", value: statusOfGiven(error, name, this.#logger) });
  }

  /**
   * Takes no new work, tells what runs to stop, and waits for it, at most for the grace period; what has not
   * ended then ends as ABORTED. Resolves once all is written. A second call waits for the first.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #insert<Metadata extends DescMessage>(
    type: OperationType<DescMessage, Metadata>,
    options: StartOptions<Metadata>,
  ): Promise<{ stored: StoredOperation; running: RunningOperation }> {
    if (this.#closing !== undefined) throw serverStopping();
    const parent = options.parent ?? "";
    checkParent("parent", parent);
    const name = newOperationName(parent);
    const metadata = options.metadata === undefined ? undefined : packed(type.metadata, options.metadata);
    const stored = newStoredOperation({ name, parent, metadata, createTimeMs: this.#clock.wallMs() });
    const inserting = this.#store.insert(stored);
    this.#inserting.add(inserting);
    const inserted = await inserting.finally(() => this.#inserting.delete(inserting));
    if (!inserted) throw operationAlreadyExists(name);
    return { stored, running: this.#lookAfter(name) };
  }

  #lookAfter(name: string): RunningOperation {
    return new RunningOperation({
      name,
      store: this.#store,
      clock: this.#clock,
      logger: this.#logger,
      retentionMs: this.#retentionMs,
    });
  }

  /** Also the work of an operation that was deleted is told when the server stops. */
  #keepUntil(ended: Promise<void>, running: RunningOperation): void {
    this.#running.set(
      running,
      ended.finally(() => this.#running.delete(running)),
    );
  }

  async #end(name: string, result: OperationResult): Promise<void> {
    const endTimeMs = this.#clock.wallMs();
    await this.#update(name, complete({ result, endTimeMs, expireTimeMs: endTimeMs + this.#retentionMs }));
  }

  async #update(name: string, transition: Transition): Promise<void> {
    if ((await update(this.#store, name, transition)) === undefined) throw operationNotFound(name);
  }

  async #close(): Promise<void> {
    await this.#sweep.close();
    // What is being kept just now is looked after a turn later, and must be told too.
    await Promise.allSettled(this.#inserting);
    await nextTurn();
    for (const running of this.#running.keys()) running.stop();
    const ended = Promise.all(this.#running.values());
    let callOff = () => {};
    const grace = new Promise<void>((resolve) => {
      callOff = this.#clock.after(this.#graceMs, resolve);
    });
    await Promise.race([ended, grace]);
    callOff();
    await Promise.all(Array.from(this.#running.keys(), (running) => running.abandon()));
  }
}

function nextTurn(): Promise<false> {
  return new Promise((resolve) => setImmediate(resolve, false));
}
