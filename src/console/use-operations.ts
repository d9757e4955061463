import type { ConnectError } from "@connectrpc/connect";
import { callUnaryMethod, createConnectQueryKey, useQuery, useTransport } from "@connectrpc/connect-query";
import { keepPreviousData, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import {
  type ListOperationsResponse,
  type Operation,
  Operations,
} from "../../gen/google/longrunning/operations_pb.ts";
import type { WatchRequest } from "../client/watch-attempt.ts";
import { applied, type Changes } from "./changes.ts";
import { type ConnectionState, connectionState, POLL_MS } from "./connection-state.ts";
import { mayPass } from "./may-pass.ts";
import type { ListRoute } from "./route.ts";
import { useFeed } from "./use-feed.ts";
import { useVisible } from "./use-visible.ts";

/** A page of operations as they are. */
export interface OperationsPage {
  /** Undefined until the first answer. */
  readonly operations: readonly Operation[] | undefined;
  readonly error: ConnectError | null;
  readonly connection: ConnectionState;
  /** Tells one page from another. */
  readonly key: string;
  readonly hasNext: boolean;
  /** The token of the page behind this one; "" where there is none. Rejects as ListOperations does. */
  nextToken(): Promise<string>;
}

const LIST = Operations.method.listOperations;

/**
 * The operations of a page. The first page is told of all that is new, too; a later one, of what still runs on it.
 * Where the server does not tell, it is asked again and again.
 */
export function useOperations(route: ListRoute, offersWatch: boolean | undefined): OperationsPage {
  const transport = useTransport();
  const queries = useQueryClient();
  const isVisible = useVisible();
  const [refusedKey, setRefusedKey] = useState<string>();
  const [movedKey, setMovedKey] = useState<string>();
  const { parent, filter, size, token } = route;
  const input = { name: parent, filter, pageSize: size, pageToken: token };
  const queryKey = createConnectQueryKey({ schema: LIST, input, transport, cardinality: "finite" });
  const key = JSON.stringify(input);
  const isPolling = offersWatch === false || refusedKey === key;
  const list = useQuery(LIST, input, {
    refetchOnMount: "always",
    structuralSharing: false,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (isPolling || mayPass(state.error) ? POLL_MS : false),
  });
  // What is told is newer than what was asked for only if it was asked for before.
  const mayListen = offersWatch === true && isVisible && list.isSuccess && !list.isFetching && !isPolling;
  const feed = useFeed({
    key: mayListen ? key : undefined,
    request: () => watchOf(route, queries.getQueryData(queryKey)),
    onChanges: (changes: Changes) => {
      if (changes.snapshot === undefined) setMovedKey(key);
      queries.setQueryData(
        queryKey,
        (page) => page && { ...page, operations: applied(page.operations, changes) },
      );
    },
  });
  if (feed === "refused" && mayListen) setRefusedKey(key);
  return {
    key,
    operations: list.data?.operations,
    error: list.error,
    connection: connectionState({ isAway: mayPass(list.error), isPolling, feed }),
    hasNext: (list.data?.nextPageToken ?? "") !== "",
    nextToken: async () => {
      if (movedKey !== key || token !== "") return list.data?.nextPageToken ?? "";
      // What was at the end of this page may be on the next one by now.
      return (await callUnaryMethod(transport, LIST, input)).nextPageToken;
    },
  };
}

function watchOf(
  { parent, filter, size, token }: ListRoute,
  page: ListOperationsResponse | undefined,
): WatchRequest | undefined {
  if (token === "") return { parent, filter, maxOperations: size };
  const names = (page?.operations ?? []).filter(({ done }) => !done).map(({ name }) => name);
  return names.length === 0 ? undefined : { names };
}
