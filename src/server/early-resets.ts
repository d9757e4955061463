import { constants } from "node:http2";
import type { Clock } from "../time/clock.ts";
import { Budget } from "./budget.ts";

/** A call that is reset so soon after it was made, in milliseconds, was made to be reset, or its caller is in a hurry. */
const EARLY_MS = 100;

/** How many calls a client may reset so early. */
const LIMITS = { burst: 100, perSecond: 100 };

/** A connection as far as it can be ended. */
export interface EndedConnection {
  readonly destroyed: boolean;
  /** Tells the client why, and ends it. */
  end(code: number): void;
}

/**
 * Ends a connection whose client opens calls to reset them (CVE-2023-44487): that costs the server, and not the client.
 * Who leaves calls that have waited for a while may leave all of them at once, as a proxy does whose callers go.
 */
export class EarlyResets {
  readonly #connection: EndedConnection;
  readonly #clock: Clock;
  /** The first stream that is younger than that; undefined where none is. */
  #firstYoung: number | undefined;
  readonly #budget: Budget;
  #callOff = () => {};

  constructor(connection: EndedConnection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
    this.#budget = new Budget(LIMITS, clock);
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
    if (!this.#budget.spend()) this.#end();
  }

  /** The connection is over. */
  close(): void {
    this.#callOff();
  }

  #end(): void {
    // The streams that it takes with it are reset too.
    if (!this.#connection.destroyed) this.#connection.end(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  }
}
