import type { MessageInitShape } from "@bufbuild/protobuf";
import type { CallOptions } from "@connectrpc/connect";
import type {
  CancelOperationRequestSchema,
  DeleteOperationRequestSchema,
  GetOperationRequestSchema,
  ListOperationsRequestSchema,
  Operation,
  WaitOperationRequestSchema,
} from "../../gen/google/longrunning/operations_pb.ts";
import type {
  WatchOperationsRequestSchema,
  WatchOperationsResponse,
} from "../../gen/longrunning/v1/watch_pb.ts";

/**
 * The client of google.longrunning.Operations that this room calls: what connect's `createClient` makes of
 * `Operations`. It is described by its shape, so that a client of anybody's own generated code is one too,
 * also of an older operations.proto.
 */
export interface OperationsClient {
  /** GetOperation. */
  getOperation(
    request: MessageInitShape<typeof GetOperationRequestSchema>,
    options?: CallOptions,
  ): Promise<Operation>;
  /** WaitOperation. */
  waitOperation(
    request: MessageInitShape<typeof WaitOperationRequestSchema>,
    options?: CallOptions,
  ): Promise<Operation>;
  /** ListOperations. */
  listOperations(
    request: MessageInitShape<typeof ListOperationsRequestSchema>,
    options?: CallOptions,
  ): Promise<OperationsPage>;
  /** CancelOperation. */
  cancelOperation(
    request: MessageInitShape<typeof CancelOperationRequestSchema>,
    options?: CallOptions,
  ): Promise<unknown>;
  /** DeleteOperation. */
  deleteOperation(
    request: MessageInitShape<typeof DeleteOperationRequestSchema>,
    options?: CallOptions,
  ): Promise<unknown>;
  /** That of `longrunning.v1.OperationsWatchService`: a client made by `createOperationsClient` has it. */
  watchOperations?(
    request: MessageInitShape<typeof WatchOperationsRequestSchema>,
    options?: CallOptions,
  ): AsyncIterable<WatchOperationsResponse>;
}

/** What this room reads of a ListOperationsResponse. Older copies of operations.proto have no `unreachable`. */
export interface OperationsPage {
  readonly operations: readonly Operation[];
  readonly nextPageToken: string;
  readonly unreachable?: readonly string[];
}
