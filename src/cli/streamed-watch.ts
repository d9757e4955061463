import type { Operation } from "../../gen/google/longrunning/operations_pb.ts";
import {
  WatchOperationsResponse_Gone_Reason as GoneReason,
  type WatchOperationsResponse,
} from "../../gen/longrunning/v1/watch_pb.ts";
import { isLostConnection, mayBeRetried, retryBackoff } from "../client/retry.ts";
import { type Watch, WatchAttempt } from "../client/watch-attempt.ts";
import type { Clock } from "../time/clock.ts";
import { sleep } from "../time/sleep.ts";
import { isTokenRefused } from "./bearer-token.ts";
import type { OperationChanges } from "./operation-changes.ts";
import { OperationsSeen } from "./operations-seen.ts";
import type { OperationsWatch, WatchQuery } from "./operations-watch.ts";

/** After so many failures in a row the server is not waited for any longer. */
const MOST_FAILURES = 5;

/** A server shows no more at a time. */
const MOST_SHOWN = 1_000;

/**
 * Is told of each change by WatchOperations, also after a connection was lost or a server has stopped. Where nothing
 * comes of that, or no more, another watch goes on, and says what is wrong. A token that is refused may be renewed by then, once.
 */
export class StreamedWatch implements OperationsWatch {
  readonly #watch: Watch;
  readonly #clock: Clock;
  readonly #otherwise: OperationsWatch;

  constructor(watch: Watch, clock: Clock, otherwise: OperationsWatch) {
    this.#watch = watch;
    this.#clock = clock;
    this.#otherwise = otherwise;
  }

  async *changes(
    query: WatchQuery,
    signal: AbortSignal,
    seen = new OperationsSeen(),
  ): AsyncGenerator<OperationChanges, void, undefined> {
    const backoff = retryBackoff({});
    let hasTold = false;
    for (let failures = 0; failures < MOST_FAILURES; ) {
      const attempt = new WatchAttempt(this.#watch, query, this.#clock);
      try {
        for await (const change of changesIn(attempt.events({ signal }, Number.POSITIVE_INFINITY), seen)) {
          hasTold = true;
          failures = 0;
          backoff.reset();
          yield change;
        }
      } catch (error) {
        signal.throwIfAborted();
        failures += 1;
        const isLost = attempt.wasSilent || mayBeRetried(error) || isLostConnection(error);
        if (!(isLost && hasTold) && !(isTokenRefused(error) && failures === 1)) break;
      }
      await sleep(this.#clock, backoff.nextMs(), signal);
    }
    yield* this.#otherwise.changes(query, signal, seen);
  }
}

/** What one call tells that was not seen before: first the difference of its snapshot, then each change. */
async function* changesIn(
  events: AsyncIterable<WatchOperationsResponse>,
  seen: OperationsSeen,
): AsyncGenerator<OperationChanges, void, undefined> {
  let snapshot: Map<string, Operation> | undefined = new Map();
  for await (const { event } of events) {
    let change: OperationChanges | undefined;
    if (event.case === "operation") {
      if (snapshot === undefined) change = seen.one(event.value);
      else snapshot.set(event.value.name, event.value);
    } else if (event.case === "gone") {
      snapshot?.delete(event.value.name);
      const gone = seen.gone(event.value.name);
      // What has made room for others is still there.
      if (event.value.reason !== GoneReason.CROWDED_OUT) change = gone;
    } else if (event.case === "snapshotComplete" && snapshot !== undefined) {
      change = seen.all([...snapshot.values()], { areMore: snapshot.size >= MOST_SHOWN });
      snapshot = undefined;
    }
    if (change !== undefined) yield change;
  }
}
