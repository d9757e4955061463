import type { Registry } from "@bufbuild/protobuf";
import type { ConnectRouter, ConnectRouterOptions } from "@connectrpc/connect";
import { Operations } from "../../gen/google/longrunning/operations_pb.ts";
import { OperationsWatchService } from "../../gen/longrunning/v1/watch_pb.ts";
import { AccessGate, principalOf as callerOf } from "../access/access-gate.ts";
import { type AccessOptions, isOpenBy } from "../access/access-options.ts";
import { credentialsMissing } from "../access/errors.ts";
import { type AccessOf, OperationAccess } from "../access/operation-access.ts";
import { ownerOnly } from "../access/policies.ts";
import type { MethodTable } from "../direct/method-table.ts";
import type { AnyRegistry } from "../json/any-registry.ts";
import type { OperationManagerOptions } from "../manager/manager-options.ts";
import { OperationManager } from "../manager/operation-manager.ts";
import { ERROR_DOMAIN } from "../operation/errors.ts";
import { knownTypes } from "../operation/known-types.ts";
import {
  OperationsService,
  type OperationsServiceOptions,
  type PrincipalOf,
} from "../service/operations-service.ts";
import { waitShare } from "../service/wait-share.ts";
import { WatchService, type WatchServiceOptions } from "../service/watch-service.ts";
import type { OperationStore } from "../store/operation-store.ts";
import { withErrorInfo } from "./error-info.ts";
import { checkOperationMethods, type OperationMethod } from "./operation-routes.ts";
import { ownRouter } from "./own-router.ts";
import type { Gate } from "./request-rate.ts";

/** What a server of long-running operations is made of. */
export interface CreateOperationsOptions
  extends OperationsServiceOptions,
    WatchServiceOptions,
    OperationManagerOptions {
  /** Where operations are kept. Who opened it closes it, after this. */
  readonly store: OperationStore;
  /**
   * Every mounted method that returns Operation, with the type of its operations. It must be the one that the
   * method declares as `google.longrunning.operation_info`.
   */
  readonly methods?: readonly OperationMethod[] | undefined;
  /**
   * More message types that an operation may carry, such as the details of its errors: for JSON to show them. Those
   * of `methods`, of mounted services and of google.rpc are known.
   */
  readonly registry?: Registry | undefined;
  /**
   * The ErrorInfo domain of what this server refuses, and of the errors that its manager ends operations with
   * (AIP-193): the name that the service goes by, such as `reports.example.com`. `longrunning` by default.
   */
  readonly errorDomain?: string | undefined;
  /**
   * Whether an error that has no ErrorInfo is given one, and for INVALID_ARGUMENT a BadRequest (AIP-193). True by
   * default. False leaves the errors of the mounted services, and those of Connect, with the details they were made with.
   */
  readonly completeErrors?: boolean | undefined;
  /** Whether `longrunning.v1.OperationsWatchService` is served beside the five RPCs. It is by default. */
  readonly watch?: boolean | undefined;
  /** Who may call, and what they may do. Everybody may do everything by default. */
  readonly access?: AccessOptions | undefined;
}

/** Where routes are mounted. */
export interface RoutesOptions {
  /**
   * What the router is made with: its protocols, its gate and its JSON options apply to what is mounted only where
   * they are given here too.
   */
  readonly router?: ConnectRouterOptions | undefined;
  /** A gate that calls come to first, before anybody asks who makes them. */
  readonly first?: Gate | undefined;
  /** Notes the unary methods, for them to be answered without Connect's pipeline. */
  readonly table?: MethodTable | undefined;
}

/** A manager, the five RPCs and the watch over one store. */
export interface OperationsServer extends AsyncDisposable {
  /** Starts and ends operations. */
  readonly manager: OperationManager;
  /** Answers the five RPCs. */
  readonly service: OperationsService;
  /** Tells of changes; undefined where `watch` is false. */
  readonly watch: WatchService | undefined;
  /** The types that JSON shows in an Any: grows with the services that are mounted. */
  readonly registry: AnyRegistry;
  /** Who makes a call. */
  readonly principalOf: PrincipalOf;
  /** The ErrorInfo domain of what is refused. */
  readonly errorDomain: string;
  /** Whether errors that have no ErrorInfo are given one. */
  readonly completeErrors: boolean;
  /** Who may call, and what they may do; undefined where everybody may do everything. */
  readonly access: AccessOptions | undefined;
  /**
   * The routes of google.longrunning.Operations and of the watch, and behind them those of `mount`: for connectNodeAdapter,
   * Fastify's or Express's plugin, or `serve`. The services of `mount` read and write every Any in
   * JSON: one of an unknown type as its type URL and its bytes. Throws a TypeError, which names the method, where a
   * mounted method returns Operation and has no matching type in `methods`.
   */
  routes(
    mount?: (router: ConnectRouter) => unknown,
    options?: RoutesOptions,
  ): (router: ConnectRouter) => void;
  /** Answers every waiting call with the latest state, and ends every watch: the first thing that a stopping server does. */
  answerWaiting(): void;
  /** Answers every waiting call, then stops the work and waits for it (`OperationManager.close`). */
  close(): Promise<void>;
}

/** Makes a manager and the five RPCs over one store. */
export function createOperations(options: CreateOperationsOptions): OperationsServer {
  const methods = options.methods ?? [];
  const types = [...methods.map(([, type]) => type), ...(options.types ?? [])];
  const registry = knownTypes(types, options.registry);
  const errorDomain = options.errorDomain ?? ERROR_DOMAIN;
  const completeErrors = options.completeErrors ?? true;
  const completing = { registry, errorDomain: completeErrors ? errorDomain : undefined };
  const gate = options.access && gateOf(options.access, errorDomain);
  const caller = options.caller ?? (() => gate?.caller?.id);
  const manager = new OperationManager(options.store, { ...options, types, caller });
  const cancel = options.cancel ?? ((name: string) => manager.cancel(name));
  const principalOf = options.principalOf ?? ((context) => callerOf(context)?.id);
  const accessOf = options.accessOf ?? (options.access && accessBy(options.access));
  const waits = waitShare(options);
  const asked = { ...options, types, cancel, principalOf, accessOf };
  const service = new OperationsService(options.store, asked, waits);
  const watch = options.watch === false ? undefined : new WatchService(options.store, asked, waits);
  const answerWaiting = () => {
    service.close();
    watch?.close();
  };
  const close = async () => {
    answerWaiting();
    await manager.close();
  };
  return {
    manager,
    service,
    watch,
    registry,
    principalOf,
    errorDomain,
    completeErrors,
    access: options.access,
    routes: (mount, options) => (router) => {
      const own = ownRouter(router, { ...options, registry, errorDomain, completing, gate });
      const first = router.handlers.length;
      const ours = ownRouter(router, { ...options, registry, errorDomain, completing, gate, isOwn: true });
      ours.service(Operations, service);
      if (watch !== undefined) ours.service(OperationsWatchService, watch);
      mount?.(own);
      checkOperationMethods(router, methods);
      for (const [i, handler] of router.handlers.entries()) {
        if (i >= first) router.handlers[i] = withErrorInfo(handler, completing);
      }
    },
    answerWaiting,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function gateOf(access: AccessOptions, errorDomain: string): AccessGate {
  return new AccessGate({ ...access, isOpen: isOpenBy(access), errorDomain });
}

function accessBy({ authorize = ownerOnly() }: AccessOptions): AccessOf {
  return (context) => {
    const principal = callerOf(context);
    // Without the gate nobody is let in.
    if (principal === undefined) throw credentialsMissing();
    return new OperationAccess(authorize, principal);
  };
}
