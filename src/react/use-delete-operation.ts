import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Empty } from "@bufbuild/protobuf/wkt";
import type { ConnectError } from "@connectrpc/connect";
import { useMutation } from "@connectrpc/connect-query";
import type { UseMutationResult } from "@tanstack/react-query";
import { type DeleteOperationRequestSchema, Operations } from "../../gen/google/longrunning/operations_pb.ts";
import { mutationOptions } from "./mutation-options.ts";
import type { OperationHookOptions } from "./use-operations-feed.ts";

/**
 * A mutation that has the server forget the operation: `remove.mutate({ name })`. Its work is not stopped by it. Of one
 * that ran, useOperation then tells NOT_FOUND; what was done stays as it was for whoever shows it. Its `error` is what
 * the call was refused with.
 */
export function useDeleteOperation(
  options: OperationHookOptions = {},
): UseMutationResult<Empty, ConnectError, MessageInitShape<typeof DeleteOperationRequestSchema>> {
  return useMutation(Operations.method.deleteOperation, mutationOptions(options));
}
