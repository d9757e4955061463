import { randomBytes } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import {
  type ListOperationsRequest,
  type ListOperationsResponse,
  ListOperationsResponseSchema,
  type Operation,
  type Operations,
} from "../../gen/google/longrunning/operations_pb.ts";
import type { AccessOf, OperationAccess } from "../access/operation-access.ts";
import { compileFilter } from "../filter/filter.ts";
import type { FilterTypes } from "../filter/operation-field.ts";
import { invalidField, notOffered, operationNotFound } from "../operation/errors.ts";
import { harmlessObserver } from "../operation/harmless-observer.ts";
import type { Logger } from "../operation/logger.ts";
import { MetadataFillers } from "../operation/metadata-fillers.ts";
import { checkOperationName, isOperationName, parentIn, parentOfList } from "../operation/operation-name.ts";
import type { OperationObserver } from "../operation/operation-observer.ts";
import type { OperationType } from "../operation/operation-type.ts";
import { parentPattern } from "../operation/parent-pattern.ts";
import { filling } from "../operation/standard-metadata.ts";
import type { StoredOperation } from "../operation/stored-operation.ts";
import { requestCancel } from "../operation/transition.ts";
import type { OperationStore } from "../store/operation-store.ts";
import { update } from "../store/update.ts";
import { type Clock, systemClock } from "../time/clock.ts";
import { lightSignalOf } from "../time/light-signal.ts";
import { filterTypes } from "./filter-types.ts";
import { PageTokens } from "./page-token.ts";
import { readPage } from "./read-page.ts";
import { Turns } from "./turns.ts";
import {
  DEFAULT_DEADLINE_MARGIN,
  DEFAULT_MAX_WAIT_MS,
  type DeadlineMargin,
  waitLimitMs,
} from "./wait-limit.ts";
import { type WaitShareOptions, waitShare } from "./wait-share.ts";
import { Waiters } from "./waiters.ts";

const DEFAULT_PAGE_SIZE = 50;
const MAX_PAGE_SIZE = 1_000;

/** A shorter key could be found by trying. */
const LEAST_KEY_BYTES = 16;

/** The RPCs that google.longrunning lets a service leave out. Get is not among them. */
export type OptionalRpc = "listOperations" | "deleteOperation" | "cancelOperation" | "waitOperation";

/** Who makes a call, as the gate has found out: the name that limits per principal count by. */
export type PrincipalOf = (context: HandlerContext) => string | undefined;

/** How the Operations service behaves. */
export interface OperationsServiceOptions extends WaitShareOptions {
  /** The longest that a WaitOperation lasts, in milliseconds. 4 minutes by default. */
  readonly maxWaitMs?: number | undefined;
  /** How long before the caller's deadline a WaitOperation is answered. 5 %, 20 ms to 1 s, by default. */
  readonly deadlineMargin?: DeadlineMargin | undefined;
  /** Who calls; undefined where nobody knows, and then no limit per principal applies. Nobody knows by default. */
  readonly principalOf?: PrincipalOf | undefined;
  /** RPCs that answer UNIMPLEMENTED. None by default. */
  readonly switchedOff?: readonly OptionalRpc[] | undefined;
  /**
   * What page tokens are encrypted with: the first for new ones, each for those that come back. Servers that share
   * them accept each other's. By default the store makes a key once and keeps it.
   */
  readonly pageTokenKeys?: readonly Uint8Array[] | undefined;
  /** What the caller of a call may do. Everybody may do everything by default. */
  readonly accessOf?: AccessOf | undefined;
  /** Types whose conventional metadata fields a cancel fills, and whose fields a filter knows. None by default. */
  readonly types?: readonly OperationType[] | undefined;
  /**
   * What a CancelOperation does; answers the operation as it is then, or undefined where none is kept. By default it
   * is noted that a cancel was asked for, and whoever runs the work hears of that.
   */
  readonly cancel?: ((name: string) => Promise<StoredOperation | undefined>) | undefined;
  /** Who hears of calls that wait. Nobody by default. */
  readonly observer?: OperationObserver | undefined;
  /** Where it goes what the observer throws. `console` by default. */
  readonly logger?: Logger | undefined;
  /** The machine's clock by default. */
  readonly clock?: Clock | undefined;
}

/**
 * google.longrunning.Operations over a store: what any client, in any language, calls.
 * It does not know who runs the work; it meets them at the store. Operations in its answers are frozen: whoever would
 * change one changes a copy.
 */
export class OperationsService implements ServiceImpl<typeof Operations> {
  readonly getOperation: ServiceImpl<typeof Operations>["getOperation"];
  readonly waitOperation: ServiceImpl<typeof Operations>["waitOperation"];
  readonly cancelOperation: ServiceImpl<typeof Operations>["cancelOperation"];
  readonly deleteOperation: ServiceImpl<typeof Operations>["deleteOperation"];
  readonly listOperations: ServiceImpl<typeof Operations>["listOperations"];
  readonly #store: OperationStore;
  readonly #waiters: Waiters;
  readonly #pageTokens: PageTokens;
  /** A page of megabytes takes tens of milliseconds to write, and one that few operations match longer to find. */
  readonly #pages = new Turns();
  readonly #filterTypes: FilterTypes;
  readonly #accessOf: AccessOf;

  /** `waits` is what its waiting calls take of, where others take of it too: one of its own by default. */
  constructor(store: OperationStore, options: OperationsServiceOptions = {}, waits = waitShare(options)) {
    const clock = options.clock ?? systemClock;
    const types = options.types ?? [];
    const { fill } = new MetadataFillers(types);
    this.#store = store;
    const { observer, logger = console } = options;
    const heard =
      observer && harmlessObserver(observer, (fault) => logger.error("the observer threw", fault));
    this.#waiters = new Waiters(store, clock, waits, heard);
    const principalOf = options.principalOf ?? (() => undefined);
    this.#filterTypes = filterTypes(types);
    this.#accessOf = options.accessOf ?? (() => undefined);
    this.#pageTokens = new PageTokens(
      options.pageTokenKeys === undefined ? keptKeys(store) : givenKeys(options.pageTokenKeys),
      clock,
    );
    const cancel =
      options.cancel ??
      ((name: string) => update(this.#store, name, filling(fill, clock.wallMs(), requestCancel)));
    const limits = {
      maxWaitMs: options.maxWaitMs ?? DEFAULT_MAX_WAIT_MS,
      margin: options.deadlineMargin ?? DEFAULT_DEADLINE_MARGIN,
    };
    const offered = <Rpc extends (...args: never[]) => unknown>(name: OptionalRpc, rpc: Rpc): Rpc =>
      options.switchedOff?.includes(name) ? (notOfferedRpc(name) as unknown as Rpc) : rpc;

    this.getOperation = async ({ name }, context) => {
      const access = this.#accessOf(context);
      if (access === undefined) checkOperationName(name);
      const kept = access && (await this.#permit("get", name, access));
      return answer(name, kept ?? (await this.#store.get(name)));
    };
    this.waitOperation = offered("waitOperation", async ({ name, timeout }, context) => {
      await this.#permit("wait", name, this.#accessOf(context));
      const limitMs = waitLimitMs(timeout, context.timeoutMs(), limits);
      return answer(
        name,
        await this.#waiters.wait(name, limitMs, lightSignalOf(context), principalOf(context)),
      );
    });
    this.cancelOperation = offered("cancelOperation", async ({ name }, context) => {
      await this.#permit("cancel", name, this.#accessOf(context));
      answer(name, await cancel(name));
      return create(EmptySchema);
    });
    this.deleteOperation = offered("deleteOperation", async ({ name }, context) => {
      await this.#permit("delete", name, this.#accessOf(context));
      if (!(await this.#store.delete(name))) throw operationNotFound(name);
      return create(EmptySchema);
    });
    this.listOperations = offered("listOperations", (request, context) => this.#list(request, context));
  }

  /** How many calls wait for an operation now. */
  get waiting(): number {
    return this.#waiters.size;
  }

  /** Answers every WaitOperation with the latest state, and from now on at once: the server stops. */
  close(): void {
    this.#waiters.close();
  }

  /**
   * Throws where the caller may not, and then where no operation can have the name (AIP-211). Answers the operation
   * where that took a look at it.
   */
  async #permit(
    action: "get" | "wait" | "cancel" | "delete",
    name: string,
    access: OperationAccess | undefined,
  ): Promise<StoredOperation | undefined> {
    if (access === undefined) {
      checkOperationName(name);
      return undefined;
    }
    const isName = isOperationName(name);
    const stored = isName ? await this.#store.get(name) : undefined;
    const checked = access.check(action, name, stored);
    if (checked !== undefined) await checked;
    if (!isName) checkOperationName(name);
    return stored;
  }

  async #list(request: ListOperationsRequest, context: HandlerContext): Promise<ListOperationsResponse> {
    const { name, filter, pageSize, pageToken } = request;
    const access = this.#accessOf(context);
    await access?.checkList(parentIn(name));
    const parent = parentOfList(name);
    const compiled = compileFilter(filter, this.#filterTypes);
    if (pageSize < 0) throw invalidField("page_size", pageSize, "is negative");
    // AIP-217: unimplemented rather than ignored. A list has one store, which answers wholly or not at all.
    if (request.returnPartialSuccess) throw notOffered("return_partial_success");
    const scope = { parent, filter, principal: access?.principal };
    const after = pageToken === "" ? undefined : await this.#pageTokens.read(scope, pageToken);
    const size = Math.min(pageSize === 0 ? DEFAULT_PAGE_SIZE : pageSize, MAX_PAGE_SIZE);
    const within = parentPattern(parent);
    const { operations, next } = await readPage(this.#store, {
      parent: within === undefined ? parent : undefined,
      ...{ within, size, after, filter: compiled, access, principal: access?.onlyOwner },
      turns: this.#pages,
    });
    await this.#pages.next();
    return create(ListOperationsResponseSchema, {
      operations: operations.map(({ message }) => message),
      nextPageToken: next === undefined ? "" : await this.#pageTokens.write(scope, next),
    });
  }
}

function givenKeys(keys: readonly Uint8Array[]): () => Promise<readonly Uint8Array[]> {
  if (keys.length === 0 || keys.some((key) => key.byteLength < LEAST_KEY_BYTES)) {
    throw new RangeError(`pageTokenKeys must be at least one key, of at least ${LEAST_KEY_BYTES} bytes each`);
  }
  return async () => keys;
}

/** The key that the store keeps, once it has told it. */
function keptKeys(store: OperationStore): () => Promise<readonly Uint8Array[]> {
  let kept: readonly Uint8Array[] | undefined;
  return async () => {
    kept ??= [await store.keyOf("page tokens", randomBytes(32))];
    return kept;
  };
}

function answer(name: string, stored: StoredOperation | undefined): Operation {
  if (stored === undefined) throw operationNotFound(name);
  return stored.message;
}

function notOfferedRpc(name: OptionalRpc): () => never {
  const rpc = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  return () => {
    throw notOffered(rpc);
  };
}
