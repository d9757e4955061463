import type { CallOptions } from "@connectrpc/connect";
import type { WatchOperationsResponse } from "../../gen/longrunning/v1/watch_pb.ts";
import type { Clock } from "../time/clock.ts";
import type { OperationsClient } from "./operations-client.ts";

/** A server that is there says something at once. */
const FIRST_EVENT_MS = 10_000;

/** Three times as long as a server is silent that keeps to the contract. */
const SILENCE_MS = 45_000;

/** A server that has told all ends the stream at once. */
const END_MS = 1_000;

/** The part of a client that watches, which not every client has. */
export type Watch = NonNullable<OperationsClient["watchOperations"]>;

/** What is watched. */
export type WatchRequest = Parameters<Watch>[0];

/** One call of WatchOperations, which ends when the server is silent for too long. */
export class WatchAttempt {
  readonly #watch: Watch;
  readonly #request: WatchRequest;
  readonly #clock: Clock;
  readonly #firstEventMs: number;
  #silenceMs = SILENCE_MS;
  #isSilent = false;

  /** The first event may take `firstEventMs`. */
  constructor(watch: Watch, request: WatchRequest, clock: Clock, firstEventMs = FIRST_EVENT_MS) {
    this.#watch = watch;
    this.#request = request;
    this.#clock = clock;
    this.#firstEventMs = firstEventMs;
  }

  /** Whether it ended because nothing came: from a connection without another end, or one that holds back what comes. */
  get wasSilent(): boolean {
    return this.#isSilent;
  }

  /** All that was to be told has been: what does not end by itself now is left, a second later. */
  expectEnd(): void {
    this.#silenceMs = END_MS;
  }

  /** What the server tells, for `leftMs` at most. Throws what the call ends with. Leaves nothing behind. */
  async *events(
    { signal, ...call }: CallOptions,
    leftMs: number,
  ): AsyncGenerator<WatchOperationsResponse, void, undefined> {
    const attempt = new AbortController();
    const leave = () => attempt.abort(signal?.reason);
    signal?.addEventListener("abort", leave);
    if (signal?.aborted) leave();
    const giveUp = () => {
      this.#isSilent = true;
      attempt.abort();
    };
    const callOffEnd = leftMs === Number.POSITIVE_INFINITY ? () => {} : this.#clock.after(leftMs, leave);
    let callOff = this.#clock.after(this.#firstEventMs, giveUp);
    try {
      // The time that is left is counted here, so that it ends with what was told by then.
      const options = { ...call, timeoutMs: 0, signal: attempt.signal };
      for await (const event of this.#watch(this.#request, options)) {
        callOff();
        yield event;
        callOff = this.#clock.after(this.#silenceMs, giveUp);
      }
    } finally {
      callOff();
      callOffEnd();
      signal?.removeEventListener("abort", leave);
      attempt.abort();
    }
  }
}
