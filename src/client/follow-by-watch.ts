import type { Operation } from "../../gen/google/longrunning/operations_pb.ts";
import { systemClock } from "../time/clock.ts";
import { withTimeLeft } from "./countdown.ts";
import { DEFAULT_MAX_WAIT_FAILURES, type FollowOptions, follow } from "./follow.ts";
import type { OperationsClient } from "./operations-client.ts";
import { Patience } from "./patience.ts";
import { isLostConnection, mayBeRetried, retryBackoff } from "./retry.ts";
import { type Watch, WatchAttempt } from "./watch-attempt.ts";

/** How an operation is followed that is watched. */
export interface FollowByWatchOptions extends FollowOptions {
  /** How long the first event of a watch may take before it counts as silent; 10 s by default. */
  readonly firstEventMs?: number;
}

/**
 * Follows an operation as `follow` does, and is told of each change by WatchOperations, also after a connection was
 * lost or a server has stopped. Where that is not offered, or nothing comes of it, `follow` goes on.
 */
export async function* followByWatch(
  client: OperationsClient,
  watch: Watch,
  name: string,
  options: FollowByWatchOptions,
): AsyncGenerator<Operation, void, undefined> {
  const { call, retry, firstEventMs } = options;
  const { clock = systemClock, maxWaitFailures = DEFAULT_MAX_WAIT_FAILURES } = retry;
  const patience = new Patience(name, clock, call);
  const backoff = retryBackoff(retry);
  for (let failures = 0, isOffered = true, isDone = false; isOffered; ) {
    patience.check();
    const attempt = new WatchAttempt(watch, { names: [name] }, clock, firstEventMs);
    try {
      for await (const { event } of attempt.events(call, patience.leftMs)) {
        if (event.case === "gone") isOffered = false;
        if (event.case !== "operation") continue;
        failures = 0;
        backoff.reset();
        yield event.value;
        if (!event.value.done) continue;
        // A stream that its server has ended, and that is left before it was read to its end, stays open for Node's HTTP/2.
        isDone = true;
        attempt.expectEnd();
      }
    } catch (error) {
      if (isDone) return;
      patience.check();
      if (attempt.wasSilent || !(mayBeRetried(error) || isLostConnection(error))) break;
      failures += 1;
      if (failures >= maxWaitFailures) throw error;
    }
    if (isDone) return;
    if (isOffered) await patience.sleep(backoff.nextMs());
  }
  // What became of the operation, GetOperation says.
  const rest = withTimeLeft(call, patience.leftMs);
  yield* follow(client, name, { ...options, call: rest, presentFirst: true });
}
