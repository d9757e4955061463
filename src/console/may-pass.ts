import { isLostConnection, mayBeRetried } from "../client/retry.ts";

/** Whether a call that failed so may succeed by itself: the server is away, or the connection was lost. */
export function mayPass(error: unknown): boolean {
  return mayBeRetried(error) || isLostConnection(error);
}
