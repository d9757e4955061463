import type { DescMessage } from "@bufbuild/protobuf";
import { useSuspenseQuery } from "@connectrpc/connect-query";
import { useMemo } from "react";
import { Operations } from "../../gen/google/longrunning/operations_pb.ts";
import type { OperationType } from "../operation/operation-type.ts";
import { type KnownOperation, knownOperation } from "./operation-state.ts";
import { getOperationOptions } from "./query-options.ts";
import { type OperationHookOptions, useOperationsFeed, useShown } from "./use-operations-feed.ts";

/**
 * What useOperation is, for a component below a `Suspense`: it suspends until the first answer, instead of "loading".
 * Throws, to the nearest error boundary, what the first call is refused with.
 */
export function useSuspenseOperation<Response extends DescMessage, Metadata extends DescMessage>(
  type: OperationType<Response, Metadata>,
  name: string,
  options: OperationHookOptions = {},
): KnownOperation<Response, Metadata> {
  const feed = useOperationsFeed(options);
  const { data, error } = useSuspenseQuery(
    Operations.method.getOperation,
    { name },
    { ...getOperationOptions(feed, name), ...(options.transport && { transport: options.transport }) },
  );
  useShown(feed, name);
  return useMemo(() => knownOperation(type, data, error), [type, data, error]);
}
