import type { Transport } from "@connectrpc/connect";
import { useTransport } from "@connectrpc/connect-query";
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { OperationsFeed } from "./operations-feed.ts";

/** How a hook calls the server. */
export interface OperationHookOptions {
  /** That of connect-query's TransportProvider by default. */
  readonly transport?: Transport | undefined;
}

/** A feed lives as long as the cache that it keeps up to date: components come and go, also before they are mounted. */
const feeds = new WeakMap<QueryClient, WeakMap<Transport, OperationsFeed>>();

/** The feed of the page, which all hooks with the same query client and transport share. */
export function useOperationsFeed(options: OperationHookOptions): OperationsFeed {
  const queryClient = useQueryClient();
  const provided = useTransport();
  return feedOf(queryClient, options.transport ?? provided);
}

/** Keeps an operation up to date for as long as the component is mounted. */
export function useShown(feed: OperationsFeed, name: string | undefined): void {
  useEffect(() => (name === undefined ? undefined : feed.show(name)), [feed, name]);
}

function feedOf(queryClient: QueryClient, transport: Transport): OperationsFeed {
  const byTransport = feeds.get(queryClient) ?? new WeakMap<Transport, OperationsFeed>();
  feeds.set(queryClient, byTransport);
  const feed = byTransport.get(transport) ?? new OperationsFeed(queryClient, transport);
  byTransport.set(transport, feed);
  return feed;
}
