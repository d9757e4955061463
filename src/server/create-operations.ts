import type { Registry } from "@bufbuild/protobuf";
import type { ConnectRouter } from "@connectrpc/connect";
import { Operations } from "../../gen/google/longrunning/operations_pb.ts";
import type { OperationManagerOptions } from "../manager/manager-options.ts";
import { OperationManager } from "../manager/operation-manager.ts";
import { OperationsService, type OperationsServiceOptions } from "../service/operations-service.ts";
import type { OperationStore } from "../store/operation-store.ts";
import { withErrorInfo } from "./error-info.ts";
import { checkOperationMethods, type OperationMethod, registryOf, withRegistry } from "./operation-routes.ts";

/** What a server of long-running operations is made of. */
export interface CreateOperationsOptions extends OperationsServiceOptions, OperationManagerOptions {
  /** Where operations are kept. Who opened it closes it, after this. */
  readonly store: OperationStore;
  /**
   * Every mounted method that returns Operation, with the type of its operations. It must be the one that the
   * method declares as `google.longrunning.operation_info`.
   */
  readonly methods?: readonly OperationMethod[] | undefined;
  /** More message types that an operation may carry, such as the details of its errors: for JSON to write them. */
  readonly registry?: Registry | undefined;
}

/** A manager and the five RPCs over one store. */
export interface OperationsServer extends AsyncDisposable {
  /** Starts and ends operations. */
  readonly manager: OperationManager;
  /** Answers the five RPCs. */
  readonly service: OperationsService;
  /**
   * The routes of google.longrunning.Operations, and behind them those of `mount`: for connectNodeAdapter,
   * Fastify's or Express's plugin, or `serve`. The services of `mount` read and write the operation types in
   * JSON. Throws a TypeError, which names the method, where a mounted method returns Operation and has no
   * matching type in `methods`.
   */
  routes(mount?: (router: ConnectRouter) => unknown): (router: ConnectRouter) => void;
  /** Answers every waiting call with the latest state: the first thing that a stopping server does. */
  answerWaiting(): void;
  /** Answers every waiting call, then stops the work and waits for it (`OperationManager.close`). */
  close(): Promise<void>;
}

/** Makes a manager and the five RPCs over one store. */
export function createOperations(options: CreateOperationsOptions): OperationsServer {
  const methods = options.methods ?? [];
  const registry = registryOf(methods, options.registry);
  const types = [...methods.map(([, type]) => type), ...(options.types ?? [])];
  const manager = new OperationManager(options.store, { ...options, types });
  const cancel = options.cancel ?? ((name: string) => manager.cancel(name));
  const service = new OperationsService(options.store, { ...options, types, cancel });
  const close = async () => {
    service.close();
    await manager.close();
  };
  return {
    manager,
    service,
    routes: (mount) => (router) => {
      const own = withRegistry(router, registry);
      const first = router.handlers.length;
      own.service(Operations, service);
      mount?.(own);
      checkOperationMethods(router, methods);
      for (const [i, handler] of router.handlers.entries()) {
        if (i >= first) router.handlers[i] = withErrorInfo(handler);
      }
    },
    answerWaiting: () => service.close(),
    close,
    [Symbol.asyncDispose]: close,
  };
}
