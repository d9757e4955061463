import type { DescMessage, MessageInitShape } from "@bufbuild/protobuf";
import type { Operation } from "../../gen/google/longrunning/operations_pb.ts";
import type { Engine } from "../engine/engine.ts";
import { ERROR_DOMAIN } from "../operation/errors.ts";
import { harmlessObserver } from "../operation/harmless-observer.ts";
import type { Logger } from "../operation/logger.ts";
import type { OperationObserver } from "../operation/operation-observer.ts";
import type { OperationType } from "../operation/operation-type.ts";
import type { RequestIdentity } from "../operation/request-identity.ts";
import { type Clock, systemClock } from "../time/clock.ts";

const DAY_MS = 24 * 60 * 60_000;

/** How a manager behaves. */
export interface OperationManagerOptions {
  /** How long a finished operation is kept where its type does not say, in milliseconds. 30 days by default (AIP-151). */
  readonly retentionMs?: number | undefined;
  /** How many finished operations are kept of one parent: beyond, those that ended first go. Any number by default. */
  readonly mostKeptPerParent?: number | undefined;
  /** How soon others notice that this manager's process is gone, in milliseconds. 10 s by default. */
  readonly leaseMs?: number | undefined;
  /** How much work of registered handlers this manager runs at a time; what is more, waits. 100 by default. */
  readonly concurrency?: number | undefined;
  /** How many operations that were started here may run or wait at once. Any number by default. */
  readonly maxRunning?: number | undefined;
  /** How many operations that one principal started here may run or wait at once. Any number by default. */
  readonly maxRunningPerPrincipal?: number | undefined;
  /**
   * Whether this manager runs registered handlers. True by default. One that does not leaves their work to the
   * others that share its store, and needs no handler to start it.
   */
  readonly runsHandlers?: boolean | undefined;
  /**
   * What brings the work of resumable types to the processes that have its handler. By default managers claim it from
   * the store themselves. Who made it disposes of it, after this manager.
   */
  readonly engine?: Engine | undefined;
  /** Types whose operations this manager may have to end though another process started them. None by default. */
  readonly types?: readonly OperationType[] | undefined;
  /** How often expired operations are looked for, in milliseconds. Every minute by default. */
  readonly sweepIntervalMs?: number | undefined;
  /** How long `close` waits for work to stop before its operations end as ABORTED, in milliseconds. 10 s by default. */
  readonly graceMs?: number | undefined;
  /** The id of who starts an operation, where `StartOptions` do not say. By default nobody is known. */
  readonly caller?: (() => string | undefined) | undefined;
  /** Who hears of what this manager does with operations. Nobody by default. */
  readonly observer?: OperationObserver | undefined;
  /** The ErrorInfo domain of the errors that this manager itself ends operations with. `longrunning` by default. */
  readonly errorDomain?: string | undefined;
  /** Where errors go that clients must not see. `console` by default. */
  readonly logger?: Logger | undefined;
  /** The machine's clock by default. */
  readonly clock?: Clock | undefined;
}

/** How a registered handler is run. */
export interface HandlerOptions {
  /** How much of its work this manager runs at a time, in the limits of its `concurrency`. As much by default. */
  readonly concurrency?: number | undefined;
}

/** What a new operation starts with. */
export interface StartOptions<Metadata extends DescMessage> {
  /** The resource that the operation belongs to: it is named `{parent}/operations/ID`. At the top level by default. */
  readonly parent?: string | undefined;
  /** What is reported before the work reports itself. */
  readonly metadata?: MessageInitShape<Metadata> | undefined;
  /** The id of who owns the operation, and whose limits it counts for: who calls, by default (`access`). */
  readonly principal?: string | undefined;
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

/** The options with their defaults. Throws a RangeError for a time that can be none. */
export function withDefaults(options: OperationManagerOptions) {
  const { observer, logger = console } = options;
  return {
    retentionMs: atLeast(0, "retentionMs", options.retentionMs ?? 30 * DAY_MS),
    mostKeptPerParent: options.mostKeptPerParent,
    leaseMs: atLeast(1, "leaseMs", options.leaseMs ?? 10_000),
    concurrency: atLeast(1, "concurrency", options.concurrency ?? 100),
    maxRunning: options.maxRunning,
    maxRunningPerPrincipal: options.maxRunningPerPrincipal,
    runsHandlers: options.runsHandlers ?? true,
    engine: options.engine,
    types: options.types ?? [],
    sweepIntervalMs: atLeast(1, "sweepIntervalMs", options.sweepIntervalMs ?? 60_000),
    graceMs: atLeast(0, "graceMs", options.graceMs ?? 10_000),
    caller: options.caller ?? (() => undefined),
    observer: observer && harmlessObserver(observer, (fault) => logger.error("the observer threw", fault)),
    errorDomain: options.errorDomain ?? ERROR_DOMAIN,
    logger,
    clock: options.clock ?? systemClock,
  };
}

function atLeast(least: number, name: string, value: number): number {
  // Written so that NaN is refused too.
  if (value >= least) return value;
  throw new RangeError(`${name} is ${value}, and must be at least ${least}`);
}
