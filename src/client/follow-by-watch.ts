import type { Operation } from "../../gen/google/longrunning/operations_pb.ts";
import { systemClock } from "../time/clock.ts";
import { withTimeLeft } from "./countdown.ts";
import { DEFAULT_MAX_WAIT_FAILURES, type FollowOptions, follow } from "./follow.ts";
import type { OperationsClient } from "./operations-client.ts";
import { Patience } from "./patience.ts";
import { isLostConnection, mayBeRetried, retryBackoff } from "./retry.ts";
import { type Watch, WatchAttempt } from "./watch-attempt.ts";

/**
 * Follows an operation as `follow` does, and is told of each change by WatchOperations, also after a connection was
 * lost or a server has stopped. Where that is not offered, or nothing comes of it, `follow` goes on.
 */
export async function* followByWatch(
  client: OperationsClient,
  watch: Watch,
  name: string,
  options: FollowOptions,
): AsyncGenerator<Operation, void, undefined> {
  const { call, retry } = options;
  const { clock = systemClock, maxWaitFailures = DEFAULT_MAX_WAIT_FAILURES } = retry;
  const patience = new Patience(name, clock, call);
  const backoff = retryBackoff(retry);
  for (let failures = 0, isOffered = true; isOffered; ) {
    patience.check();
    const attempt = new WatchAttempt(watch, { names: [name] }, clock);
    try {
      for await (const { event } of attempt.events(call, patience.leftMs)) {
        if (event.case === "gone") isOffered = false;
        if (event.case !== "operation") continue;
        failures = 0;
        backoff.reset();
        yield event.value;
        if (event.value.done) return;
      }
    } catch (error) {
      patience.check();
      if (attempt.wasSilent || !(mayBeRetried(error) || isLostConnection(error))) break;
      failures += 1;
      if (failures >= maxWaitFailures) throw error;
    }
    if (isOffered) await patience.sleep(backoff.nextMs());
  }
  // What became of the operation, GetOperation says.
  const rest = withTimeLeft(call, patience.leftMs);
  yield* follow(client, name, { ...options, call: rest, presentFirst: true });
}
