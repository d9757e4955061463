import { Code, type ConnectError } from "@connectrpc/connect";
import { createConnectQueryKey, useQuery, useTransport } from "@connectrpc/connect-query";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type Operation, Operations } from "../../gen/google/longrunning/operations_pb.ts";
import { type ConnectionState, connectionState, POLL_MS } from "./connection-state.ts";
import { mayPass } from "./may-pass.ts";
import { useFeed } from "./use-feed.ts";
import { useVisible } from "./use-visible.ts";

/** An operation as it is. */
export interface ShownOperation {
  /** Its last state, also once it is gone; undefined until the first answer. */
  readonly operation: Operation | undefined;
  readonly error: ConnectError | null;
  /** Whether it was there, and is no more. */
  readonly isGone: boolean;
  readonly connection: ConnectionState;
}

const GET = Operations.method.getOperation;

/** An operation by its name, until it is done. */
export function useOperation(name: string, offersWatch: boolean | undefined): ShownOperation {
  const transport = useTransport();
  const queries = useQueryClient();
  const isVisible = useVisible();
  const [isRefused, setIsRefused] = useState(false);
  const [isGone, setIsGone] = useState(false);
  const queryKey = createConnectQueryKey({ schema: GET, input: { name }, transport, cardinality: "finite" });
  const isPolling = offersWatch === false || isRefused;
  const { data, error, isSuccess, isFetching } = useQuery(
    GET,
    { name },
    {
      refetchOnMount: "always",
      refetchInterval: ({ state }) =>
        mayPass(state.error) || (isPolling && state.data?.done !== true && state.error === null)
          ? POLL_MS
          : false,
    },
  );
  const isRunning = isSuccess && !data.done && !isGone;
  const mayListen = offersWatch === true && isVisible && isRunning && !isFetching && !isPolling;
  const feed = useFeed({
    key: mayListen ? name : undefined,
    request: () => ({ names: [name] }),
    onChanges: ({ changed }) => {
      if (!changed.has(name)) return;
      const operation = changed.get(name);
      if (operation === undefined) setIsGone(true);
      else queries.setQueryData(queryKey, operation);
    },
  });
  if (feed === "refused" && mayListen) setIsRefused(true);
  return {
    operation: data,
    error,
    isGone: isGone || (data !== undefined && error?.code === Code.NotFound),
    connection: connectionState({
      isAway: mayPass(error),
      isPolling: isPolling && isRunning,
      feed: isRunning ? feed : "settled",
    }),
  };
}
