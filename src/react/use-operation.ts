import type { DescMessage } from "@bufbuild/protobuf";
import { skipToken, useQuery } from "@connectrpc/connect-query";
import { useMemo } from "react";
import { Operations } from "../../gen/google/longrunning/operations_pb.ts";
import type { OperationType } from "../operation/operation-type.ts";
import { type OperationState, operationState } from "./operation-state.ts";
import { getOperationOptions } from "./query-options.ts";
import { type OperationHookOptions, useOperationsFeed, useShown } from "./use-operations-feed.ts";

/**
 * An operation as it fares now, to its end. It asks once, by connect-query's own `useQuery` of GetOperation, and is then
 * told of each change by one WatchOperations for the whole page, as long as a component with this hook is mounted. As
 * long as there is no name, it asks nobody.
 *
 * It never throws: what the operation failed with, and what a call was refused with, stands in the state.
 */
export function useOperation<Response extends DescMessage, Metadata extends DescMessage>(
  type: OperationType<Response, Metadata>,
  name: string | undefined,
  options: OperationHookOptions = {},
): OperationState<Response, Metadata> {
  const feed = useOperationsFeed(options);
  const { data, error } = useQuery(
    Operations.method.getOperation,
    name === undefined ? skipToken : { name },
    {
      ...getOperationOptions(feed, name),
      ...(options.transport && { transport: options.transport }),
    },
  );
  useShown(feed, name);
  return useMemo(() => operationState(type, data, error), [type, data, error]);
}
