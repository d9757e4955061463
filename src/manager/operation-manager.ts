import type { DescMessage, MessageInitShape } from "@bufbuild/protobuf";
import type { Operation } from "../../gen/google/longrunning/operations_pb.ts";
import { packed } from "../operation/encoded-message.ts";
import { operationNotFound } from "../operation/errors.ts";
import { MetadataFillers } from "../operation/metadata-fillers.ts";
import { isResumable, type OperationType, type ResumableType } from "../operation/operation-type.ts";
import { filling } from "../operation/standard-metadata.ts";
import { copyOfMessage, type StoredOperation } from "../operation/stored-operation.ts";
import { complete, type OperationResult, reportProgress, type Transition } from "../operation/transition.ts";
import type { OperationStore } from "../store/operation-store.ts";
import { update } from "../store/update.ts";
import { ClaimLoop } from "./claim-loop.ts";
import { ExpirySweep } from "./expiry-sweep.ts";
import { Handlers, type RegisteredHandler } from "./handlers.ts";
import {
  type HandlerOptions,
  type NewOperation,
  type OperationManagerOptions,
  type StartOptions,
  withDefaults,
} from "./manager-options.ts";
import { NewOperations } from "./new-operations.ts";
import { OrphanSweep } from "./orphan-sweep.ts";
import { OwnLease } from "./own-lease.ts";
import { RunningOperations } from "./running-operations.ts";
import { Slots } from "./slots.ts";
import type { Handler, Work } from "./work.ts";
import { statusOfGiven } from "./work-error.ts";

/**
 * Runs the work of operations on this server, and ends them. One manager may share its store with others:
 * whoever ends an operation first, wins.
 */
export class OperationManager implements AsyncDisposable {
  readonly #store: OperationStore;
  readonly #options: ReturnType<typeof withDefaults>;
  readonly #fillers: MetadataFillers;
  readonly #handlers = new Handlers();
  readonly #lease: OwnLease;
  readonly #new: NewOperations;
  readonly #running: RunningOperations;
  readonly #sweep: ExpirySweep;
  readonly #orphans: OrphanSweep;
  readonly #slots: Slots;
  readonly #claims: ClaimLoop;
  #closing: Promise<void> | undefined;

  constructor(store: OperationStore, options: OperationManagerOptions = {}) {
    this.#store = store;
    this.#options = withDefaults(options);
    const { clock, logger, retentionMs, leaseMs, sweepIntervalMs, mostKeptPerParent } = this.#options;
    this.#fillers = new MetadataFillers(this.#options.types);
    this.#lease = new OwnLease(store, leaseMs);
    this.#new = new NewOperations({ store, clock, lease: this.#lease, fillers: this.#fillers });
    const own = { owner: this.#lease.owner, fill: this.#fillers.fill, store, clock, logger, retentionMs };
    this.#running = new RunningOperations(own);
    this.#sweep = new ExpirySweep({ store, clock, logger, intervalMs: sweepIntervalMs, mostKeptPerParent });
    this.#slots = new Slots(this.#options.runsHandlers ? this.#options.concurrency : 0);
    const looking = {
      ...own,
      handlers: this.#handlers,
      // Others notice within a lease: one half for it to end, one half until somebody looks.
      intervalMs: leaseMs / 2,
      hold: () => this.#lease.hold(),
    };
    this.#orphans = new OrphanSweep(looking);
    this.#claims = new ClaimLoop({
      ...looking,
      slots: this.#slots,
      begin: (stored, handler) => void this.#beginHandler(stored, handler),
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
   * Of more work than `concurrency` allows, the rest waits, and the oldest goes first.
   *
   * Throws a TypeError where the type's handler is registered already.
   */
  register<Response extends DescMessage, Metadata extends DescMessage, Input extends DescMessage>(
    type: ResumableType<Response, Metadata, Input>,
    handler: Handler<Response, Metadata, Input>,
    options: HandlerOptions = {},
  ): void {
    this.#handlers.register(type, handler);
    this.#slots.limit(type.onServerLoss.handler, options.concurrency ?? Number.POSITIVE_INFINITY);
    this.#fillers.add(type);
    this.#claims.start();
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
    const { stored, isNew } = await this.#new.insert(type, options);
    const operation = copyOfMessage(stored.message);
    if (!isNew) return { operation, name: stored.name, signal: new AbortController().signal, isNew };
    return { operation, name: stored.name, signal: this.#running.follow(stored), isNew };
  }

  /** Tells how far the work of an operation is. Throws NOT_FOUND, or FAILED_PRECONDITION where it is done. */
  async setMetadata<Metadata extends DescMessage>(
    type: OperationType<DescMessage, Metadata>,
    name: string,
    metadata: MessageInitShape<Metadata>,
  ): Promise<void> {
    const filler = this.#fillers.add(type);
    const report = reportProgress(packed(type.metadata, metadata));
    await this.#update(name, filling(filler, this.#options.clock.wallMs(), report));
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
    await this.#end(name, { case: "error", value: statusOfGiven(error, name, this.#options.logger) });
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
    const { stored, isNew } = await this.#new.insert(type, options);
    if (isNew) await this.#running.begin(type, work, stored);
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
    if (handler === undefined && this.#options.runsHandlers) {
      throw new TypeError(`handler "${name}" is not registered`);
    }
    const waits = handler === undefined || this.#slots.free(name) === 0;
    const work = { handler: name, input: Object.freeze(packed(input, init)), waits };
    if (waits) return (await this.#new.insert(type, options, work)).stored;
    // The slot is taken before the operation is kept: what is kept as this manager's is begun at once.
    this.#slots.take(name);
    let hasBegun = false;
    try {
      const { stored, isNew } = await this.#new.insert(type, options, work);
      hasBegun = isNew;
      if (isNew) await this.#beginHandler(stored, handler);
      return stored;
    } finally {
      if (!hasBegun) this.#slots.giveBack(name);
    }
  }

  /** Begins the work of a handler in a slot that is taken for it, and is free again when it ends. */
  async #beginHandler(stored: StoredOperation, { type, workOf }: RegisteredHandler): Promise<void> {
    if (stored.work === undefined) return;
    await this.#running.begin(type, workOf(stored, stored.work), stored, () => {
      this.#slots.giveBack(type.onServerLoss.handler);
      this.#claims.wake();
    });
  }

  async #end(name: string, result: OperationResult): Promise<void> {
    const endTimeMs = this.#options.clock.wallMs();
    const end = complete({ result, endTimeMs, retentionMs: this.#options.retentionMs });
    await this.#update(name, filling(this.#fillers.fill, endTimeMs, end));
  }

  async #update(name: string, transition: Transition): Promise<void> {
    if ((await update(this.#store, name, transition)) === undefined) throw operationNotFound(name);
  }

  async #close(): Promise<void> {
    await Promise.all([this.#sweep.close(), this.#orphans.close(), this.#claims.close(), this.#new.close()]);
    await this.#running.close(this.#options.graceMs);
    try {
      // Whoever has a handler goes on at once with what was given back.
      await this.#lease.release();
    } catch (error) {
      this.#options.logger.error("the lease could not be released", error);
    }
  }
}
