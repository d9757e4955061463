import type { DescMessage } from "@bufbuild/protobuf";
import { packed } from "../operation/encoded-message.ts";
import { serverStopping } from "../operation/errors.ts";
import type { MetadataFillers } from "../operation/metadata-fillers.ts";
import { checkParent, newOperationName } from "../operation/operation-name.ts";
import type { OperationObserver } from "../operation/operation-observer.ts";
import type { OperationType } from "../operation/operation-type.ts";
import { isPrincipalId } from "../operation/principal-id.ts";
import { checkRequestId } from "../operation/request-identity.ts";
import { newStoredOperation, type StoredOperation, type StoredWork } from "../operation/stored-operation.ts";
import type { OperationStore } from "../store/operation-store.ts";
import type { Clock } from "../time/clock.ts";
import { type Adopt, DoubtfulInserts } from "./doubtful-inserts.ts";
import { insertOnce } from "./insert-once.ts";
import type { StartOptions } from "./manager-options.ts";
import type { OwnLease } from "./own-lease.ts";
import { requestDigest, requestKey } from "./request-digest.ts";
import type { RunningShare } from "./running-share.ts";

/** What the beginnings of operations need of their manager. */
export interface NewOperationsOptions {
  readonly store: OperationStore;
  readonly clock: Clock;
  readonly lease: OwnLease;
  readonly fillers: MetadataFillers;
  /** The id of who starts an operation, where its options do not say. */
  readonly caller: () => string | undefined;
  readonly share: RunningShare;
  readonly observer: OperationObserver | undefined;
}

/** The work of a new operation, and whether it waits for somebody who begins it. */
export interface NewWork extends StoredWork {
  readonly waits: boolean;
  readonly delayMs?: number | undefined;
}

/** An operation, and whether it is new or one that its request has started before. */
export interface Inserted {
  readonly stored: StoredOperation;
  readonly isNew: boolean;
}

/** The beginnings of operations: each is checked, named, and kept, once for each request. */
export class NewOperations {
  readonly #options: NewOperationsOptions;
  readonly #doubts: DoubtfulInserts;
  readonly #inserting = new Set<Promise<Inserted>>();
  #closed = false;

  constructor(options: NewOperationsOptions) {
    this.#options = options;
    this.#doubts = new DoubtfulInserts(options.store, options.clock);
  }

  /**
   * Keeps a new operation: of this manager, or, where its work `waits`, of nobody yet, and not to be begun before
   * `delayMs` unless an engine says so. `adopt` sees to one of which the caller was told that it is not kept, and that
   * is kept. Throws UNAVAILABLE once `close` was called, and RESOURCE_EXHAUSTED where too many run.
   */
  async insert(
    type: OperationType,
    options: StartOptions<DescMessage>,
    adopt: Adopt,
    work?: NewWork,
  ): Promise<Inserted> {
    if (this.#closed) throw serverStopping();
    const principal = options.principal ?? this.#options.caller();
    if (principal !== undefined && !isPrincipalId(principal)) {
      throw new RangeError("principal is empty, no text, or longer than 1,000 bytes");
    }
    const inserting = this.#options.share.within(
      principal,
      () => this.#insert(type, { ...options, principal }, adopt, work),
      ({ stored, isNew }) => (isNew ? stored.name : undefined),
    );
    this.#inserting.add(inserting);
    return inserting.finally(() => this.#inserting.delete(inserting));
  }

  /** Takes no more. Resolves once all is kept that was taken. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#doubts.close();
    await Promise.allSettled(this.#inserting);
  }

  async #insert(
    type: OperationType,
    { parent = "", metadata: init, request, principal }: StartOptions<DescMessage>,
    adopt: Adopt,
    given: NewWork | undefined,
  ): Promise<Inserted> {
    const { store, clock, lease, fillers, observer } = this.#options;
    checkParent("parent", parent);
    checkRequestId("request_id", request?.id ?? "");
    const work = given && { handler: given.handler, input: given.input };
    const contents = [request?.content, work?.input].filter((content) => content !== undefined);
    const metadata = init === undefined ? undefined : packed(type.metadata, init);
    const createTimeMs = clock.wallMs();
    const stored = newStoredOperation({
      ...{ name: newOperationName(parent), parent, principal, metadata, createTimeMs, work },
      owner: given?.waits ? undefined : lease.owner,
      delayMs: given?.delayMs,
      request: request?.id
        ? { id: requestKey(request.id, principal), digest: requestDigest(type, parent, contents) }
        : undefined,
      traceParent: observer?.traceParent?.(),
      retentionMs: type.retentionMs,
    });
    // Without a lease the operation would be an orphan as soon as it is kept.
    await lease.hold();
    const filled = fillers.add(type)?.(stored, createTimeMs) ?? stored;
    const inserted = await insertOnce(store, filled, request?.id ?? "", this.#doubts, adopt);
    if (inserted.isNew) observer?.started?.(inserted.stored, type);
    return inserted;
  }
}
