import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { skipToken, useQuery } from "@connectrpc/connect-query";
import { Operations } from "../../gen/google/longrunning/operations_pb.ts";
import { metadataOf } from "../client/unpack.ts";
import type { OperationType } from "../operation/operation-type.ts";
import { getOperationOptions } from "./query-options.ts";
import { type OperationHookOptions, useOperationsFeed, useShown } from "./use-operations-feed.ts";

/**
 * What `select` makes of an operation's metadata, such as a percentage; undefined as long as there are none. The
 * component is rendered again only where that has changed: for a bar that moves, in a page that need not.
 *
 * It calls as useOperation does, and never throws: metadata of another type are none, which useOperation tells of.
 */
export function useOperationProgress<Response extends DescMessage, Metadata extends DescMessage, Progress>(
  type: OperationType<Response, Metadata>,
  name: string | undefined,
  select: (metadata: MessageShape<Metadata>) => Progress,
  options: OperationHookOptions = {},
): Progress | undefined {
  const feed = useOperationsFeed(options);
  const { data } = useQuery(Operations.method.getOperation, name === undefined ? skipToken : { name }, {
    ...getOperationOptions(feed, name),
    ...(options.transport && { transport: options.transport }),
    select(operation) {
      const metadata = metadataOf(type.metadata, operation.name, operation);
      return metadata && select(metadata);
    },
  });
  useShown(feed, name);
  return data;
}
