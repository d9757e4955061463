import type { Operation } from "../../gen/google/longrunning/operations_pb.ts";
import { WatchOperationsResponse_End_Reason as EndReason } from "../../gen/longrunning/v1/watch_pb.ts";
import { DEFAULT_MAX_WAIT_FAILURES } from "../client/follow.ts";
import { isLostConnection, mayBeRetried, retryBackoff } from "../client/retry.ts";
import { type Watch, WatchAttempt } from "../client/watch-attempt.ts";
import { type Clock, systemClock } from "../time/clock.ts";
import { sleep } from "../time/sleep.ts";

/** Whom to tell what a watch of several operations hears. */
export interface Listener {
  onState(operation: Operation): void;
  /** Hears that an operation is kept no longer, or may not be seen any more. */
  onGone(name: string): void;
}

/**
 * Watches the operations that `names` answers by one call, and by another where the connection was lost or the server
 * stops, until all of them are done or gone, or the signal aborts. Throws what the call ends with where the server does
 * not offer it, refuses it, says nothing, or could not be reached 10 times in a row.
 */
export async function followTogether(
  watch: Watch,
  names: () => readonly string[],
  listener: Listener,
  signal: AbortSignal,
  clock: Clock = systemClock,
): Promise<void> {
  const backoff = retryBackoff({});
  for (let failures = 0; !signal.aborted; ) {
    const watched = names();
    if (watched.length === 0) return;
    const attempt = new WatchAttempt(watch, { names: [...watched] }, clock);
    try {
      for await (const { event } of attempt.events({ signal }, Number.POSITIVE_INFINITY)) {
        failures = 0;
        backoff.reset();
        if (event.case === "operation") listener.onState(event.value);
        if (event.case === "gone") listener.onGone(event.value.name);
        if (event.case === "end" && event.value.reason === EndReason.ALL_DONE) return;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (attempt.wasSilent || !(mayBeRetried(error) || isLostConnection(error))) throw error;
      failures += 1;
      if (failures >= DEFAULT_MAX_WAIT_FAILURES) throw error;
    }
    await sleep(clock, backoff.nextMs(), signal).catch(() => {});
  }
}
