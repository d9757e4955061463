import type { DescMessage, MessageInitShape } from "@bufbuild/protobuf";
import type { Operation } from "../../gen/google/longrunning/operations_pb.ts";
import { ClaimEngine } from "../engine/claims/claim-engine.ts";
import type { Engine, Outcome, RunObserver } from "../engine/engine.ts";
import { packed } from "../operation/encoded-message.ts";
import { abortedWithServer, cancelledByClient, inDomain, operationNotFound } from "../operation/errors.ts";
import { MetadataFillers } from "../operation/metadata-fillers.ts";
import { isResumable, type OperationType, type ResumableType } from "../operation/operation-type.ts";
import { filling } from "../operation/standard-metadata.ts";
import { statusOfError } from "../operation/status.ts";
import { copyOfMessage, type StoredOperation } from "../operation/stored-operation.ts";
import {
  complete,
  giveBack,
  type OperationResult,
  ownedBy,
  reportProgress,
  requestCancel,
  type Transition,
} from "../operation/transition.ts";
import type { OperationStore } from "../store/operation-store.ts";
import { update } from "../store/update.ts";
import { Claims } from "./claims.ts";
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
import { Outbox } from "./outbox.ts";
import { OwnLease } from "./own-lease.ts";
import { RunningOperations } from "./running-operations.ts";
import { RunningShare } from "./running-share.ts";
import { Slots } from "./slots.ts";
import type { Handler, Work } from "./work.ts";
import { statusOfGiven } from "./work-error.ts";

/** How often work that waits is looked for in a store of many servers at the least, in milliseconds. */
const LOOK_INTERVAL_MS = 2_000;

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
  readonly #share: RunningShare;
  readonly #sweep: ExpirySweep;
  readonly #orphans: OrphanSweep;
  readonly #slots: Slots;
  readonly #claims: Claims;
  readonly #engine: Engine;
  readonly #outbox: Outbox;
  #closing: Promise<void> | undefined;

  constructor(store: OperationStore, options: OperationManagerOptions = {}) {
    this.#store = store;
    this.#options = withDefaults(options);
    const { clock, logger, retentionMs, leaseMs, sweepIntervalMs, mostKeptPerParent, errorDomain, observer } =
      this.#options;
    this.#fillers = new MetadataFillers(this.#options.types);
    this.#lease = new OwnLease(store, leaseMs);
    const { caller, maxRunning: most, maxRunningPerPrincipal: mostOfPrincipal } = this.#options;
    this.#share = new RunningShare(store, clock, { most, mostOfPrincipal });
    const starting = { store, clock, lease: this.#lease, fillers: this.#fillers, share: this.#share };
    this.#new = new NewOperations({ ...starting, caller, observer });
    const { fill } = this.#fillers;
    // Others notice within a lease: one half for it to end, one half until somebody looks.
    const intervalMs = leaseMs / 2;
    this.#engine =
      this.#options.engine ??
      new ClaimEngine({
        ...{ changes: store.changes, clock },
        // Where several servers share the store, one may not hear of what another has started.
        intervalMs: store.isShared ? Math.min(intervalMs, LOOK_INTERVAL_MS) : intervalMs,
        onFault: (error) => logger.error("work that waits could not be taken over", error),
      });
    this.#outbox = new Outbox({ engine: this.#engine, store, clock, logger, fill, intervalMs });
    const own = { owner: this.#lease.owner, fill, store, clock, logger, retentionMs, errorDomain };
    this.#running = new RunningOperations({ ...own, observer, handOverMs: this.#outbox.handOverMs });
    this.#sweep = new ExpirySweep({
      store,
      clock,
      logger,
      intervalMs: sweepIntervalMs,
      mostKeptPerParent,
      observer,
    });
    this.#slots = new Slots(this.#options.runsHandlers ? this.#options.concurrency : 0);
    const looking = {
      ...own,
      handlers: this.#handlers,
      intervalMs,
      hold: () => this.#lease.hold(),
    };
    this.#orphans = new OrphanSweep(looking);
    this.#claims = new Claims({
      ...looking,
      leaseMs,
      slots: this.#slots,
      begin: (...begun) => void this.#beginHandler(...begun),
    });
    this.#engine.open(this.#claims);
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
    const { handler: name } = type.onServerLoss;
    const { concurrency = Number.POSITIVE_INFINITY } = options;
    this.#handlers.register(type, handler);
    this.#slots.limit(name, concurrency);
    this.#fillers.add(type);
    this.#outbox.watch(name);
    if (this.#options.runsHandlers) {
      this.#engine.take(name, Math.min(concurrency, this.#options.concurrency));
    }
  }

  /**
   * Starts work and answers its operation. The work goes on when the RPC that asked for it is over; that of a
   * resumable type, which takes an input for its registered handler, also when this process is.
   * What the work reports or answers before it first waits for something is in the answer already:
   * the first metadata, or the result.
   *
   * Throws INVALID_ARGUMENT for a parent that can have no operations and for a request ID that can be none,
   * ALREADY_EXISTS where the request's ID came with another content before, RESOURCE_EXHAUSTED where as many run as may
   * (`maxRunning`, `maxRunningPerPrincipal`), UNAVAILABLE once `close` was called,
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
    // Nobody does the work of which nobody was told.
    const adopt = ({ name }: StoredOperation) => this.setError(name, abortedWithServer(name));
    const { stored, isNew } = await this.#new.insert(type, options, adopt);
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
    await this.#end(name, {
      case: "error",
      value: statusOfGiven(error, name, this.#options.logger, this.#options.errorDomain),
    });
  }

  /**
   * Asks the work of an operation to stop, as CancelOperation does, and answers what it is now; undefined where none
   * of that name is kept. Work that nobody has begun ends as CANCELLED at once.
   */
  async cancel(name: string): Promise<StoredOperation | undefined> {
    const { clock, logger } = this.#options;
    const transition = filling(this.#fillers.fill, clock.wallMs(), (stored) => this.#cancelled(stored));
    const stored = await update(this.#store, name, transition);
    if (stored?.work !== undefined && stored.owner === undefined) {
      const delivery = { name, handler: stored.work.handler, delayMs: 0 };
      this.#engine.cancel(delivery).catch((error: unknown) => {
        logger.error(`the engine could not be told to cancel operation ${JSON.stringify(name)}`, error);
      });
    }
    return stored;
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
    const begin = (stored: StoredOperation) => this.#running.begin(type, work, stored);
    const { stored, isNew } = await this.#new.insert(type, options, begin);
    if (isNew) await begin(stored);
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
    const { handOverMs: delayMs } = this.#outbox;
    const waits = delayMs !== undefined || handler === undefined || this.#slots.free(name) === 0;
    const work = { handler: name, input: Object.freeze(packed(input, init)), waits, delayMs };
    if (waits) {
      const tell = async (stored: StoredOperation) => this.#outbox.tell(stored, 0);
      const { stored, isNew } = await this.#new.insert(type, options, tell, work);
      if (isNew) await tell(stored);
      return stored;
    }
    // The slot is taken before the operation is kept: what is kept as this manager's is begun at once.
    this.#slots.take(name);
    let hasBegun = false;
    try {
      const leave = ({ name, attempt }: StoredOperation) =>
        update(this.#store, name, ownedBy({ owner: this.#lease.owner, attempt }, giveBack));
      const { stored, isNew } = await this.#new.insert(type, options, leave, work);
      hasBegun = isNew;
      if (isNew) await this.#beginHandler(stored, handler);
      return stored;
    } finally {
      if (!hasBegun) this.#slots.giveBack(name);
    }
  }

  /** Begins the work of a handler in a slot that is taken for it, and is free again when it ends. */
  async #beginHandler(
    stored: StoredOperation,
    { type, workOf }: RegisteredHandler,
    onEnd = (outcome: Outcome) => {
      if (outcome.case === "again") this.#outbox.tell(stored, outcome.delayMs);
    },
    observer?: RunObserver,
  ): Promise<void> {
    if (stored.work === undefined) return;
    const work = workOf(stored, stored.work);
    const end = (outcome: Outcome) => {
      this.#slots.giveBack(type.onServerLoss.handler);
      this.#engine.freed();
      onEnd(outcome);
    };
    await this.#running.begin(type, work, stored, end, observer);
  }

  /** Of work that nobody has begun there is nothing to stop. */
  #cancelled(stored: StoredOperation): StoredOperation {
    const next = requestCancel(stored);
    if (next.message.done || next.owner !== undefined || next.work === undefined || next.attempt > 0) {
      return next;
    }
    const { clock, retentionMs, errorDomain } = this.#options;
    const error = inDomain(errorDomain, cancelledByClient(next.name));
    const result = { case: "error", value: statusOfError(error) } as const;
    return complete({ result, endTimeMs: clock.wallMs(), retentionMs })(next);
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
    this.#claims.close();
    await Promise.all([this.#sweep.close(), this.#orphans.close(), this.#engine.stop(), this.#new.close()]);
    await this.#running.close(this.#options.graceMs);
    await this.#outbox.close();
    await this.#share.close();
    try {
      // Whoever has a handler goes on at once with what was given back.
      await this.#lease.release();
    } catch (error) {
      this.#options.logger.error("the lease could not be released", error);
    }
  }
}
