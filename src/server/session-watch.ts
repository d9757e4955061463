import { constants, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import type { Clock } from "../time/clock.ts";
import { EarlyResets } from "./early-resets.ts";

/** How long connections of HTTP/2 are kept without calls, and how it is found that a client has vanished. */
export interface SessionLimits {
  /** A connection of HTTP/2 without a call is ended after so long, in milliseconds. 5 minutes by default. */
  readonly idleTimeoutMs?: number | undefined;
  /**
   * A client of HTTP/2 that has a call under way, and has sent nothing for so long, is asked for a sign of life (PING), in
   * milliseconds. 1 minute by default.
   */
  readonly pingIntervalMs?: number | undefined;
  /** The connection of one that sends nothing for so long after that is ended, in milliseconds. 20 s by default. */
  readonly pingTimeoutMs?: number | undefined;
}

/** How long a client may take to go, once it was told that its connection is ended. */
const GOODBYE_MS = 20_000;

/**
 * Ends a connection of HTTP/2 when nobody uses it, and when its client has vanished without a word, as behind a network
 * that is gone: what waits there would wait for ever. And when its client resets many calls as soon as it has made them.
 */
export function watchSession(session: ServerHttp2Session, limits: SessionLimits, clock: Clock): void {
  new SessionWatch(session, limits, clock).begin();
}

class SessionWatch {
  readonly #session: ServerHttp2Session;
  readonly #idleTimeoutMs: number;
  readonly #pingIntervalMs: number;
  readonly #pingTimeoutMs: number;
  readonly #clock: Clock;
  readonly #resets: EarlyResets;
  #calls = 0;
  #idleSinceMs: number;
  #bytesRead = 0;
  #callOff = () => {};

  constructor(session: ServerHttp2Session, limits: SessionLimits, clock: Clock) {
    this.#session = session;
    this.#idleTimeoutMs = limits.idleTimeoutMs ?? 5 * 60_000;
    this.#pingIntervalMs = limits.pingIntervalMs ?? 60_000;
    this.#pingTimeoutMs = limits.pingTimeoutMs ?? 20_000;
    this.#clock = clock;
    this.#idleSinceMs = clock.monotonicMs();
    this.#resets = new EarlyResets(session, clock);
  }

  begin(): void {
    this.#session.on("stream", (stream: ServerHttp2Stream) => {
      this.#calls++;
      this.#resets.began(stream.id);
      // A property of our own, on an object of Node's.
      (stream as WatchedStream)[watchOf] = this;
      stream.on("close", ended);
    });
    this.#session.once("close", () => {
      this.#callOff();
      this.#resets.close();
    });
    this.#lookLater();
  }

  /** A call has ended. */
  ended({ id, rstCode, headersSent }: ServerHttp2Stream): void {
    this.#calls--;
    if (rstCode !== constants.NGHTTP2_NO_ERROR && !headersSent) this.#resets.reset(id);
    this.#idleSinceMs = this.#clock.monotonicMs();
  }

  #lookLater(): void {
    const idleMs = this.#clock.monotonicMs() - this.#idleSinceMs;
    const restMs = this.#calls > 0 ? this.#pingIntervalMs : this.#idleTimeoutMs - idleMs;
    this.#after(Math.min(restMs, this.#pingIntervalMs), () => this.#look());
  }

  #look(): void {
    const isIdle = this.#calls === 0;
    if (isIdle && this.#clock.monotonicMs() - this.#idleSinceMs >= this.#idleTimeoutMs) this.#endIdle();
    else if (isIdle || this.#hasSent()) this.#lookLater();
    else this.#ask();
  }

  /** Whether the client has sent anything since this was asked last. */
  #hasSent(): boolean {
    const { bytesRead } = this.#session.socket;
    const hasSent = bytesRead > this.#bytesRead;
    this.#bytesRead = bytesRead;
    return hasSent;
  }

  #ask(): void {
    this.#session.ping(() => {});
    this.#after(this.#pingTimeoutMs, () => {
      if (this.#hasSent()) this.#lookLater();
      else this.#session.destroy();
    });
  }

  #endIdle(): void {
    // Not `close()`, which would wait for the answer of a client that may have vanished.
    this.#session.goaway();
    this.#after(GOODBYE_MS, () => this.#session.destroy());
  }

  #after(delayMs: number, act: () => void): void {
    this.#callOff = this.#clock.after(delayMs, () => this.#session.destroyed || act(), true);
  }
}

/** A stream's watch is found on the stream: every call has one, and so they share their listener. */
const watchOf = Symbol("watch");

type WatchedStream = ServerHttp2Stream & { [watchOf]: SessionWatch };

function ended(this: WatchedStream): void {
  this[watchOf].ended(this);
}
