import type { ConnectError } from "@connectrpc/connect";
import { mayBeRetried } from "../client/retry.ts";
import type { OperationHookOptions } from "./use-operations-feed.ts";

/** Google's own clients try a call five times. */
const MAX_RETRIES = 4;

/** How a call is made that changes an operation: again where the server has done nothing of it. */
export function mutationOptions({ transport }: OperationHookOptions) {
  return {
    retry: (failures: number, error: ConnectError) => failures < MAX_RETRIES && mayBeRetried(error),
    ...(transport && { transport }),
  };
}
