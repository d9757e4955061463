import { follow } from "../client/follow.ts";
import type { OperationsClient } from "../client/operations-client.ts";
import { retryBackoff } from "../client/retry.ts";
import { systemClock } from "../time/clock.ts";
import { sleep } from "../time/sleep.ts";
import type { OperationCache } from "./operation-cache.ts";

/** How long a change may go unseen. */
const LONG_POLL_MS = 1_000;

/**
 * Waits for one operation by WaitOperation, or by GetOperation where a server has none, and keeps each answer, until it
 * is done, cannot be asked for any more, or the signal aborts. Never rejects.
 */
export async function followAlone(
  client: OperationsClient,
  name: string,
  cache: OperationCache,
  signal: AbortSignal,
): Promise<void> {
  const hash = cache.hashOf(name);
  const backoff = retryBackoff({});
  const options = { call: { signal }, longPollMs: LONG_POLL_MS, intervalMs: LONG_POLL_MS, retry: {} };
  while (!signal.aborted) {
    try {
      for await (const operation of follow(client, name, options)) {
        if (signal.aborted) return;
        backoff.reset();
        cache.write(operation);
      }
      return;
    } catch {
      if (signal.aborted) return;
    }
    // Why it could not be waited for, GetOperation says, to all who show it.
    await cache.refetch(name);
    if (!cache.isRunning(hash)) return;
    await sleep(systemClock, backoff.nextMs(), signal).catch(() => {});
  }
}
