import { constants, type ServerHttp2Session } from "node:http2";
import type { Clock } from "../time/clock.ts";

/** A call that is reset so soon after it was made, in milliseconds, was made to be reset, or its caller is in a hurry. */
const EARLY_MS = 100;

/** How many calls a client may reset so early at once. */
const BURST = 100;

/** And how many in a second. */
const PER_SECOND = 100;

/**
 * Ends a connection whose client opens calls to reset them (CVE-2023-44487): that costs the server, and not the client.
 * Who leaves calls that have waited for a while may leave all of them at once, as a proxy does whose callers go.
 */
export class EarlyResets {
  readonly #session: ServerHttp2Session;
  readonly #clock: Clock;
  /** The first stream that is younger than that; undefined where none is. */
  #firstYoung: number | undefined;
  #left = BURST;
  #countedAtMs: number;
  #callOff = () => {};

  constructor(session: ServerHttp2Session, clock: Clock) {
    this.#session = session;
    this.#clock = clock;
    this.#countedAtMs = clock.monotonicMs();
  }

  /** A stream has begun. Nearly all are the next of many: those of a tenth of a second have a timer together. */
  began(id: number | undefined): void {
    if (this.#firstYoung !== undefined) return;
    this.#firstYoung = id;
    const forget = () => {
      this.#firstYoung = undefined;
    };
    this.#callOff = this.#clock.after(EARLY_MS, forget, true);
  }

  /** A stream was reset that had no answer yet. */
  reset(id: number | undefined): void {
    if (id === undefined || this.#firstYoung === undefined || id < this.#firstYoung) return;
    const nowMs = this.#clock.monotonicMs();
    const more = ((nowMs - this.#countedAtMs) * PER_SECOND) / 1_000;
    this.#left = Math.min(BURST, this.#left + more) - 1;
    this.#countedAtMs = nowMs;
    if (this.#left < 0) this.#end();
  }

  /** The connection is over. */
  close(): void {
    this.#callOff();
  }

  #end(): void {
    // The streams that it takes with it are reset too.
    if (this.#session.destroyed) return;
    this.#session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    this.#session.destroy();
  }
}
