import type { ConnectError } from "@connectrpc/connect";
import type { Operation } from "../../gen/google/longrunning/operations_pb.ts";
import { isLostConnection, mayBeRetried } from "../client/retry.ts";
import type { OperationsFeed } from "./operations-feed.ts";

/** Google's own clients try a call five times. */
const MAX_RETRIES = 4;

/** How often a server is asked that could not be reached. */
const UNREACHED_MS = 10_000;

/** What of a query these options look at. */
interface Asked {
  readonly state: { readonly data: Operation | undefined; readonly error: ConnectError | null };
}

/** When GetOperation is called for an operation that is shown: first of all, and where nothing else tells of it. */
export function getOperationOptions(feed: OperationsFeed, name: string | undefined) {
  return {
    staleTime: ({ state: { data } }: Asked) =>
      data?.done || (name !== undefined && feed.isFollowing(name)) ? Number.POSITIVE_INFINITY : 0,
    retry: (failures: number, error: ConnectError) => failures < MAX_RETRIES && mayPass(error),
    refetchInterval: ({ state: { data, error } }: Asked) =>
      error !== null && !data?.done && mayPass(error) ? UNREACHED_MS : (false as const),
  };
}

function mayPass(error: ConnectError): boolean {
  return mayBeRetried(error) || isLostConnection(error);
}
