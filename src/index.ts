export { principalOf } from "./access/access-gate.ts";
export type { AccessOptions } from "./access/access-options.ts";
export type { Authenticate, CallHead } from "./access/authenticate.ts";
export type { AccessQuestion, Action, Authorize } from "./access/authorize.ts";
export { certificateIdentity } from "./access/certificate-identity.ts";
export { byParent, ownerOnly } from "./access/policies.ts";
export type { Principal } from "./access/principal.ts";
export type { ScopeOptions } from "./access/scopes.ts";
export * from "./client/index.ts";
export { directNodeAdapter } from "./direct/direct-node-adapter.ts";
export type { Delivery, Engine, EngineHost, Outcome, RunObserver } from "./engine/engine.ts";
export type {
  HandlerOptions,
  NewOperation,
  OperationManagerOptions,
  StartOptions,
} from "./manager/manager-options.ts";
export { OperationManager } from "./manager/operation-manager.ts";
export type { Handler, HandlerRun, Run, Work, WorkResponse } from "./manager/work.ts";
export type { ListCondition } from "./operation/list-condition.ts";
export type { Logger } from "./operation/logger.ts";
export type { OperationObserver, WorkEnd, WorkObserver } from "./operation/operation-observer.ts";
export type { OperationRange } from "./operation/operation-range.ts";
export type { RequestIdentity } from "./operation/request-identity.ts";
export type { RetryPolicy } from "./operation/retry-policy.ts";
export type { StoredOperation, StoredRequest, StoredWork } from "./operation/stored-operation.ts";
export type { CorsOptions } from "./server/cors.ts";
export {
  type CreateOperationsOptions,
  createOperations,
  type OperationsServer,
} from "./server/create-operations.ts";
export type { OperationMethod } from "./server/operation-routes.ts";
export type { RateOptions } from "./server/request-rate.ts";
export type { ServeRestOptions } from "./server/rest-routes.ts";
export { type ConsoleOptions, type ListeningServer, type ServeOptions, serve } from "./server/serve.ts";
export {
  OperationsService,
  type OperationsServiceOptions,
  type OptionalRpc,
  type PrincipalOf,
} from "./service/operations-service.ts";
export type { DeadlineMargin } from "./service/wait-limit.ts";
export type { WaitShareOptions } from "./service/wait-share.ts";
export { WatchService, type WatchServiceOptions } from "./service/watch-service.ts";
export { type ChangeEvents, ChangeHub } from "./store/change-hub.ts";
export { MemoryStore, type MemoryStoreOptions } from "./store/memory/memory-store.ts";
export type {
  ClaimQuery,
  Lease,
  ListOfEveryParent,
  ListOfParent,
  ListPosition,
  ListQuery,
  OperationStore,
  OrphanQuery,
  RangeQuery,
} from "./store/operation-store.ts";
export { RemoteStore } from "./store/remote/remote-store.ts";
export type { StoreChannel } from "./store/remote/store-channel.ts";
export { shareStore } from "./store/remote/store-owner.ts";
export { type Clock, systemClock } from "./time/clock.ts";
