import type { DescMessage, MessageInitShape } from "@bufbuild/protobuf";
import type { Operation } from "../../gen/google/longrunning/operations_pb.ts";
import { packed } from "../operation/encoded-message.ts";
import { operationNotFound, serverStopping } from "../operation/errors.ts";
import { MetadataFillers } from "../operation/metadata-fillers.ts";
import { checkParent, newOperationName } from "../operation/operation-name.ts";
import { isResumable, type OperationType, type ResumableType } from "../operation/operation-type.ts";
import { checkRequestId, type RequestIdentity } from "../operation/request-identity.ts";
import { filling } from "../operation/standard-metadata.ts";
import {
  copyOfMessage,
  newStoredOperation,
  type StoredOperation,
  type StoredWork,
} from "../operation/stored-operation.ts";
import { complete, type OperationResult, reportProgress, type Transition } from "../operation/transition.ts";
import type { Lease, OperationStore } from "../store/operation-store.ts";
import { update } from "../store/update.ts";
import { type Clock, systemClock } from "../time/clock.ts";
import { DoubtfulInserts } from "./doubtful-inserts.ts";
import { ExpirySweep } from "./expiry-sweep.ts";
import { Handlers, type RegisteredHandler } from "./handlers.ts";
import { insertOnce } from "./insert-once.ts";
import type { Logger } from "./logger.ts";
import { OrphanSweep } from "./orphan-sweep.ts";
import { ProgressWriter } from "./progress-writer.ts";
import { requestDigest } from "./request-digest.ts";
import { runWork } from "./run-work.ts";
import { FIRST_RETRY_MS, RunningOperation } from "./running-operation.ts";
import type { Handler, Work } from "./work.ts";
import { statusOfGiven } from "./work-error.ts";

const DAY_MS = 24 * 60 * 60_000;

/** How a manager behaves. */
export interface OperationManagerOptions {
  /** How long a finished operation is kept where its type does not say, in milliseconds. 30 days by default (AIP-151). */
  readonly retentionMs?: number | undefined;
  /** How many finished operations are kept of one parent: beyond, those that ended first go. Any number by default. */
  readonly mostKeptPerParent?: number | undefined;
  /** How soon others notice that this manager's process is gone, in milliseconds. 10 s by default. */
  readonly leaseMs?: number | undefined;
  /** Types whose operations this manager may have to end though another process started them. None by default. */
  readonly types?: readonly OperationType[] | undefined;
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
  /** The request that asks for it: while its operation is kept, the same request gets that one (AIP-155). */
  readonly request?: RequestIdentity | undefined;
}

/** An operation whose work runs elsewhere. */
export interface NewOperation {
  /** What the RPC that asked for the work answers with. */
  readonly operation: Operation;
  /** The name by which `setMetadata`, `setResult` and `setError` find it. */
  readonly name: string;
  /** Aborts when a client cancels the operation, and when this manager closes. */
  readonly signal: AbortSignal;
  /** False where its request came before: the work has been started already. */
  readonly isNew: boolean;
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
  /** Who this manager is, among those that share its store. */
  readonly #owner = crypto.randomUUID();
  readonly #leaseMs: number;
  readonly #fillers: MetadataFillers;
  readonly #handlers = new Handlers();
  readonly #sweep: ExpirySweep;
  readonly #orphans: OrphanSweep;
  readonly #doubts: DoubtfulInserts;
  readonly #running = new Map<RunningOperation, Promise<void>>();
  readonly #inserting = new Set<Promise<unknown>>();
  #lease: Promise<Lease> | undefined;
  #closing: Promise<void> | undefined;

  constructor(store: OperationStore, options: OperationManagerOptions = {}) {
    checkOptions(options);
    this.#store = store;
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? console;
    this.#retentionMs = options.retentionMs ?? 30 * DAY_MS;
    this.#graceMs = options.graceMs ?? 10_000;
    this.#leaseMs = options.leaseMs ?? 10_000;
    this.#fillers = new MetadataFillers(options.types);
    this.#sweep = new ExpirySweep({
      store,
      clock: this.#clock,
      logger: this.#logger,
      intervalMs: options.sweepIntervalMs ?? 60_000,
      mostKeptPerParent: options.mostKeptPerParent,
    });
    this.#doubts = new DoubtfulInserts(store, this.#clock);
    this.#orphans = new OrphanSweep({
      store,
      clock: this.#clock,
      logger: this.#logger,
      owner: this.#owner,
      handlers: this.#handlers,
      fill: this.#fillers.fill,
      retentionMs: this.#retentionMs,
      // Others notice within a lease: one half for it to end, one half until somebody looks.
      intervalMs: this.#leaseMs / 2,
      hold: () => this.#hold(),
      resume: (stored, handler) => void this.#resume(stored, handler),
    });
    this.#orphans.start();
  }

  /** How many operations this manager looks after now. */
  get running(): number {
    return this.#running.size;
  }

  /**
   * Registers what does the work of a resumable type: of operations that are started here, and of those that
   * another process left behind, with which it goes on at once.
   *
   * Throws a TypeError where the type's handler is registered already.
   */
  register<Response extends DescMessage, Metadata extends DescMessage, Input extends DescMessage>(
    type: ResumableType<Response, Metadata, Input>,
    handler: Handler<Response, Metadata, Input>,
  ): void {
    this.#handlers.register(type, handler);
    this.#fillers.add(type);
    this.#orphans.start();
  }

  /**
   * Starts work and answers its operation. The work goes on when the RPC that asked for it is over; that of a
   * resumable type, which takes an input for its registered handler, also when this process is.
   * What the work reports or answers before it first waits for something is in the answer already:
   * the first metadata, or the result.
   *
   * Throws INVALID_ARGUMENT for a parent that can have no operations and for a request ID that can be none,
   * ALREADY_EXISTS where the request's ID came with another content before, UNAVAILABLE once `close` was called,
   * and a TypeError where a resumable type has no handler here, or is given work instead of an input.
   */
  start<Response extends DescMessage, Metadata extends DescMessage, Input extends DescMessage>(
    type: ResumableType<Response, Metadata, Input>,
    input: MessageInitShape<Input>,
    options?: StartOptions<Metadata>,
  ): Promise<Operation>;
  start<Response extends DescMessage, Metadata extends DescMessage>(
    type: OperationType<Response, Metadata>,
    work: Work<Response, Metadata>,
    options?: StartOptions<Metadata>,
  ): Promise<Operation>;
  async start(
    type: OperationType,
    work: Work<DescMessage, DescMessage> | MessageInitShape<DescMessage>,
    options: StartOptions<DescMessage> = {},
  ): Promise<Operation> {
    const started = isResumable(type)
      ? await this.#startHandler(type, work as MessageInitShape<DescMessage>, options)
      : await this.#startWork(type, work as Work<DescMessage, DescMessage>, options);
    const stored = (await this.#store.get(started.name)) ?? started;
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
    const { stored, isNew } = await this.#insert(type, options);
    const operation = copyOfMessage(stored.message);
    if (!isNew) return { operation, name: stored.name, signal: new AbortController().signal, isNew };
    const running = this.#lookAfter(stored);
    this.#keepUntil(running.ended, running);
    return { operation, name: stored.name, signal: running.signal, isNew };
  }

  /** Tells how far the work of an operation is. Throws NOT_FOUND, or FAILED_PRECONDITION where it is done. */
  async setMetadata<Metadata extends DescMessage>(
    type: OperationType<DescMessage, Metadata>,
    name: string,
    metadata: MessageInitShape<Metadata>,
  ): Promise<void> {
    const filler = this.#fillers.add(type);
    const report = reportProgress(packed(type.metadata, metadata));
    await this.#update(name, filling(filler, this.#clock.wallMs(), report));
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

  async #startWork(
    type: OperationType,
    work: Work<DescMessage, DescMessage>,
    options: StartOptions<DescMessage>,
  ): Promise<StoredOperation> {
    const { stored, isNew } = await this.#insert(type, options);
    if (isNew) await this.#begin(type, work, stored);
    return stored;
  }

  async #startHandler(
    type: ResumableType,
    init: MessageInitShape<DescMessage>,
    options: StartOptions<DescMessage>,
  ): Promise<StoredOperation> {
    const { handler: name, input } = type.onServerLoss;
    if (typeof init === "function")
      throw new TypeError(`"${name}" is resumable: it takes an input, not work`);
    if (init === undefined) throw new TypeError(`"${name}" is resumable: it takes an input`);
    const handler = this.#handlers.get(name);
    if (handler === undefined) throw new TypeError(`handler "${name}" is not registered`);
    const work = { handler: name, input: Object.freeze(packed(input, init)) };
    const { stored, isNew } = await this.#insert(type, options, work);
    if (isNew) await this.#begin(type, handler.workOf(stored, work), stored);
    return stored;
  }

  /** Begins work, and resolves once all is kept that it reports or answers before it waits for something outside. */
  async #begin(
    type: OperationType,
    work: Work<DescMessage, DescMessage>,
    stored: StoredOperation,
  ): Promise<void> {
    const running = this.#lookAfter(stored);
    const progress = new ProgressWriter({
      keep: (metadata) => running.report(metadata),
      pause: (refusals) => running.pause(FIRST_RETRY_MS * 2 ** (refusals - 1)),
    });
    let hasReturned = false;
    const working = runWork(type, work, running, progress, this.#logger, () => {
      hasReturned = true;
    });
    this.#keepUntil(working, running);
    // One turn of the event loop is all the time that it takes.
    await Promise.race([working, nextTurn()]);
    await Promise.race([working, hasReturned ? running.tried : progress.flush()]);
  }

  /** Goes on with an operation that another process left behind. */
  async #resume(stored: StoredOperation, handler: RegisteredHandler): Promise<void> {
    if (stored.work !== undefined) {
      await this.#begin(handler.type, handler.workOf(stored, stored.work), stored);
    }
  }

  async #insert(
    type: OperationType,
    options: StartOptions<DescMessage>,
    work?: StoredWork,
  ): Promise<{ readonly stored: StoredOperation; readonly isNew: boolean }> {
    if (this.#closing !== undefined) throw serverStopping();
    const inserting = this.#insertOwned(type, options, work);
    this.#inserting.add(inserting);
    return inserting.finally(() => this.#inserting.delete(inserting));
  }

  async #insertOwned(
    type: OperationType,
    { parent = "", metadata: init, request }: StartOptions<DescMessage>,
    work: StoredWork | undefined,
  ): Promise<{ readonly stored: StoredOperation; readonly isNew: boolean }> {
    checkParent("parent", parent);
    checkRequestId("request_id", request?.id ?? "");
    const contents = [request?.content, work?.input].filter((content) => content !== undefined);
    const metadata = init === undefined ? undefined : packed(type.metadata, init);
    const createTimeMs = this.#clock.wallMs();
    const stored = newStoredOperation({
      ...{ name: newOperationName(parent), parent, metadata, createTimeMs, owner: this.#owner, work },
      request: request?.id ? { id: request.id, digest: requestDigest(type, parent, contents) } : undefined,
      retentionMs: type.retentionMs,
    });
    // Without a lease the operation would be an orphan as soon as it is kept.
    await this.#hold();
    return insertOnce(this.#store, this.#fillers.add(type)?.(stored, createTimeMs) ?? stored, this.#doubts);
  }

  /** This manager's lease, once the store has given it. */
  #hold(): Promise<Lease> {
    this.#lease ??= this.#store.hold(this.#owner, this.#leaseMs).catch((error) => {
      this.#lease = undefined;
      throw error;
    });
    return this.#lease;
  }

  #lookAfter({ name, attempt, work }: StoredOperation): RunningOperation {
    return new RunningOperation({
      name,
      ownership: { owner: this.#owner, attempt },
      isResumable: work !== undefined,
      fill: this.#fillers.fill,
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

  async #releaseLease(): Promise<void> {
    try {
      await (await this.#lease)?.release();
    } catch (error) {
      this.#logger.error("the lease could not be released", error);
    }
  }

  async #end(name: string, result: OperationResult): Promise<void> {
    const endTimeMs = this.#clock.wallMs();
    const end = complete({ result, endTimeMs, retentionMs: this.#retentionMs });
    await this.#update(name, filling(this.#fillers.fill, endTimeMs, end));
  }

  async #update(name: string, transition: Transition): Promise<void> {
    if ((await update(this.#store, name, transition)) === undefined) throw operationNotFound(name);
  }

  async #close(): Promise<void> {
    await Promise.all([this.#sweep.close(), this.#orphans.close(), this.#doubts.close()]);
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
    // Whoever has a handler goes on at once with what was given back.
    await this.#releaseLease();
  }
}

function checkOptions({ retentionMs, leaseMs, graceMs, sweepIntervalMs }: OperationManagerOptions): void {
  const atLeast = (name: string, value: number | undefined, least: number) => {
    // Written so that NaN is refused too.
    if (value === undefined || value >= least) return;
    throw new RangeError(`${name} is ${value}, and must be at least ${least}`);
  };
  atLeast("retentionMs", retentionMs, 0);
  atLeast("graceMs", graceMs, 0);
  atLeast("leaseMs", leaseMs, 1);
  atLeast("sweepIntervalMs", sweepIntervalMs, 1);
}

function nextTurn(): Promise<false> {
  return new Promise((resolve) => setImmediate(resolve, false));
}
