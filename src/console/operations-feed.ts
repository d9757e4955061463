import { ConnectError } from "@connectrpc/connect";
import type { Operation } from "../../gen/google/longrunning/operations_pb.ts";
import {
  WatchOperationsResponse_End_Reason as EndReason,
  type WatchOperationsResponse,
} from "../../gen/longrunning/v1/watch_pb.ts";
import { retryBackoff } from "../client/retry.ts";
import { type Watch, WatchAttempt, type WatchRequest } from "../client/watch-attempt.ts";
import type { Clock } from "../time/clock.ts";
import { sleep } from "../time/sleep.ts";
import { ChangeBatch } from "./change-batch.ts";
import type { Changes } from "./changes.ts";
import { mayPass } from "./may-pass.ts";

/**
 * How the page hears of changes: it begins to, it does, it has lost the connection and makes another, there is nothing
 * left that could change, or the server will not tell it.
 */
export type FeedState = "connecting" | "live" | "reconnecting" | "settled" | "refused";

/** Who is told. */
export interface FeedListener {
  onChanges(changes: Changes): void;
  onState(state: FeedState, refusal?: ConnectError): void;
}

/** Hears of operations by one call of WatchOperations at a time, and calls again when a connection is lost. */
export class OperationsFeed {
  readonly #watch: Watch;
  readonly #clock: Clock;
  readonly #listener: FeedListener;

  constructor(watch: Watch, clock: Clock, listener: FeedListener) {
    this.#watch = watch;
    this.#clock = clock;
    this.#listener = listener;
  }

  /** Goes on until the signal aborts, nothing can change any more, or the server refuses. Never rejects. */
  async run(request: WatchRequest, signal: AbortSignal): Promise<void> {
    const backoff = retryBackoff({});
    const batch = new ChangeBatch(this.#clock, (changes) => this.#listener.onChanges(changes));
    this.#listener.onState("connecting");
    try {
      for (;;) {
        const attempt = new WatchAttempt(this.#watch, request, this.#clock);
        try {
          const events = attempt.events({ signal }, Number.POSITIVE_INFINITY);
          const isOver = await this.#hear(events, request, batch, () => backoff.reset());
          if (isOver) return;
        } catch (error) {
          if (signal.aborted) return;
          if (!attempt.wasSilent && !mayPass(error)) {
            this.#listener.onState("refused", ConnectError.from(error));
            return;
          }
        }
        if (signal.aborted) return;
        this.#listener.onState("reconnecting");
        const stopped = await sleep(this.#clock, backoff.nextMs(), signal).then(
          () => false,
          () => true,
        );
        if (stopped) return;
      }
    } finally {
      if (!signal.aborted) batch.flush();
      batch.close();
    }
  }

  /** Answers whether nothing more can come. */
  async #hear(
    events: AsyncIterable<WatchOperationsResponse>,
    { names = [] }: WatchRequest,
    batch: ChangeBatch,
    onLive: () => void,
  ): Promise<boolean> {
    // Of names, what is not told of is what has not changed; of a parent, it is what is there no more.
    let snapshot: Map<string, Operation> | undefined = names.length > 0 ? undefined : new Map();
    for await (const { event } of events) {
      if (event.case === "operation") {
        if (snapshot === undefined) batch.add(event.value);
        else snapshot.set(event.value.name, event.value);
      } else if (event.case === "gone") {
        snapshot?.delete(event.value.name);
        batch.remove(event.value.name);
      } else if (event.case === "snapshotComplete") {
        if (snapshot !== undefined) batch.replaceAll([...snapshot.values()]);
        snapshot = undefined;
        onLive();
        this.#listener.onState("live");
      } else if (event.case === "end" && event.value.reason === EndReason.ALL_DONE) {
        this.#listener.onState("settled");
        return true;
      }
    }
    return false;
  }
}
