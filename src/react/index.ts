export type { KnownOperation, LoadingOperation, OperationState } from "./operation-state.ts";
export { useCancelOperation } from "./use-cancel-operation.ts";
export { useDeleteOperation } from "./use-delete-operation.ts";
export { useOperation } from "./use-operation.ts";
export { useOperationProgress } from "./use-operation-progress.ts";
export type { OperationHookOptions } from "./use-operations-feed.ts";
export { useSuspenseOperation } from "./use-suspense-operation.ts";
