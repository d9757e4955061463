import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Empty } from "@bufbuild/protobuf/wkt";
import type { ConnectError } from "@connectrpc/connect";
import { useMutation } from "@connectrpc/connect-query";
import type { UseMutationResult } from "@tanstack/react-query";
import { type CancelOperationRequestSchema, Operations } from "../../gen/google/longrunning/operations_pb.ts";
import { mutationOptions } from "./mutation-options.ts";
import type { OperationHookOptions } from "./use-operations-feed.ts";

/**
 * A mutation that asks the server to stop the work: `cancel.mutate({ name })`. It may come too late; whether the work
 * has stopped, useOperation tells, with "cancelled". Its `error` is what the call was refused with.
 */
export function useCancelOperation(
  options: OperationHookOptions = {},
): UseMutationResult<Empty, ConnectError, MessageInitShape<typeof CancelOperationRequestSchema>> {
  return useMutation(Operations.method.cancelOperation, mutationOptions(options));
}
