export { type Operation, OperationSchema, Operations } from "../../gen/google/longrunning/operations_pb.ts";
export {
  type OperationMetadata,
  type OperationMetadata_Progress,
  OperationMetadata_State,
  OperationMetadataSchema,
} from "../../gen/longrunning/v1/operation_metadata_pb.ts";
export {
  OperationsWatchService,
  type WatchOperationsRequest,
  WatchOperationsRequestSchema,
  type WatchOperationsResponse,
  WatchOperationsResponse_End_Reason,
  WatchOperationsResponse_Gone_Reason,
  WatchOperationsResponseSchema,
} from "../../gen/longrunning/v1/watch_pb.ts";
export {
  defineOperationType,
  type OperationType,
  type OperationTypeDefinition,
  type ResumableType,
  type ResumableTypeDefinition,
  type Resumption,
} from "../operation/operation-type.ts";
export { type AnyInJsonOptions, anyInJson } from "./any-in-json.ts";
export { createOperationsClient } from "./create-operations-client.ts";
export {
  OperationCancelledError,
  OperationFailedError,
  OperationWithoutResultError,
  StoppedWaitingError,
  WrongTypeError,
} from "./errors.ts";
export { type ListOperationsQuery, type ListOptions, listOperations } from "./list-operations.ts";
export { OperationHandle, type ProgressOptions } from "./operation-handle.ts";
export type { OperationsClient, OperationsPage } from "./operations-client.ts";
export type { RetryOptions } from "./retry.ts";
export { DEFAULT_WAIT_INTERVAL_MS, type WaitOptions, waitForOperation } from "./wait-for-operation.ts";
