import { constants, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import type { ConnectionWatch } from "../http2/connection-options.ts";
import type { FramedConnection } from "../http2/framed-connection.ts";
import type { FramedStream } from "../http2/framed-stream.ts";
import type { Clock } from "../time/clock.ts";
import { Budget } from "./budget.ts";
import { EarlyResets, type EndedConnection } from "./early-resets.ts";

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

/**
 * How many streams a client may reset, however old they are; those that are young are counted beside (`EarlyResets`). Node
 * allows 1,000 at once, which take it a twentieth of a second, and then 33 a second, which a proxy before many callers that
 * give up waiting would reach.
 */
export const ALL_RESETS = { burst: 250, perSecond: 100 };

/** How long a client may take to go, once it was told that its connection is ended. */
const GOODBYE_MS = 20_000;

/** A connection as a watch needs it. */
interface WatchedConnection extends EndedConnection {
  readonly bytesRead: number;
  /** Asks the client for a sign of life. */
  ping(): void;
  /** Tells the client that its connection is ended. */
  sayGoodbye(): void;
  destroy(): void;
}

/**
 * Ends a session of node:http2 when nobody uses it, and when its client has vanished without a word, as behind a network
 * that is gone: what waits there would wait for ever. And when its client resets many calls as soon as it has made them.
 */
export function watchSession(session: ServerHttp2Session, limits: SessionLimits, clock: Clock): void {
  const watch = new SessionWatch(asWatched(session), limits, clock);
  session.on("stream", (stream: ServerHttp2Stream) => {
    watch.begin(stream.id);
    // A property of our own, on an object of Node's.
    (stream as WatchedStream)[watchOf] = watch;
    stream.on("close", ended);
  });
  session.once("close", () => watch.closed());
}

/** The same for a connection of this package's own HTTP/2, which it begins to serve. */
export function watchConnection(connection: FramedConnection, limits: SessionLimits, clock: Clock): void {
  connection.begin(
    new SessionWatch(
      {
        get destroyed() {
          return connection.destroyed;
        },
        get bytesRead() {
          return connection.bytesRead;
        },
        ping: () => connection.askForLife(),
        sayGoodbye: () => connection.close(),
        end: (code) => connection.end(code),
        destroy: () => connection.destroy(),
      },
      limits,
      clock,
    ),
  );
}

function asWatched(session: ServerHttp2Session): WatchedConnection {
  return {
    get destroyed() {
      return session.destroyed;
    },
    get bytesRead() {
      return session.socket.bytesRead;
    },
    ping: () => void session.ping(() => {}),
    // Not `close()`, which would wait for the answer of a client that may have vanished.
    sayGoodbye: () => session.goaway(),
    end: (code) => {
      session.goaway(code);
      session.destroy();
    },
    destroy: () => session.destroy(),
  };
}

class SessionWatch implements ConnectionWatch {
  readonly #connection: WatchedConnection;
  readonly #idleTimeoutMs: number;
  readonly #pingIntervalMs: number;
  readonly #pingTimeoutMs: number;
  readonly #clock: Clock;
  readonly #resets: EarlyResets;
  readonly #allResets: Budget;
  #calls = 0;
  #idleSinceMs: number;
  #bytesRead = 0;
  #callOff = () => {};

  constructor(connection: WatchedConnection, limits: SessionLimits, clock: Clock) {
    this.#connection = connection;
    this.#idleTimeoutMs = limits.idleTimeoutMs ?? 5 * 60_000;
    this.#pingIntervalMs = limits.pingIntervalMs ?? 60_000;
    this.#pingTimeoutMs = limits.pingTimeoutMs ?? 20_000;
    this.#clock = clock;
    this.#idleSinceMs = clock.monotonicMs();
    this.#resets = new EarlyResets(connection, clock);
    this.#allResets = new Budget(ALL_RESETS, clock);
    this.#lookLater();
  }

  began({ id }: FramedStream): void {
    this.begin(id);
  }

  ended({ id, resetCode, hasAnswered }: FramedStream): void {
    this.end(id, resetCode !== constants.NGHTTP2_NO_ERROR && !hasAnswered);
  }

  reset(): void {
    if (!this.#allResets.spend() && !this.#connection.destroyed) {
      this.#connection.end(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    }
  }

  closed(): void {
    this.#callOff();
    this.#resets.close();
  }

  /** A call has begun. */
  begin(id: number | undefined): void {
    this.#calls++;
    this.#resets.began(id);
  }

  /** A call has ended; `isLeft`: before there was any answer. */
  end(id: number | undefined, isLeft: boolean): void {
    this.#calls--;
    if (isLeft) this.#resets.reset(id);
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
    const { bytesRead } = this.#connection;
    const hasSent = bytesRead > this.#bytesRead;
    this.#bytesRead = bytesRead;
    return hasSent;
  }

  #ask(): void {
    this.#connection.ping();
    this.#after(this.#pingTimeoutMs, () => {
      if (this.#hasSent()) this.#lookLater();
      else this.#connection.destroy();
    });
  }

  #endIdle(): void {
    this.#connection.sayGoodbye();
    // A call may have been under way to the server when that said goodbye.
    this.#after(GOODBYE_MS, () => (this.#calls > 0 ? this.#lookLater() : this.#connection.destroy()));
  }

  #after(delayMs: number, act: () => void): void {
    this.#callOff = this.#clock.after(delayMs, () => this.#connection.destroyed || act(), true);
  }
}

/** A stream's watch is found on the stream: every call has one, and so they share their listener. */
const watchOf = Symbol("watch");

type WatchedStream = ServerHttp2Stream & { [watchOf]: SessionWatch };

function ended(this: WatchedStream): void {
  this[watchOf].end(this.id, this.rstCode !== constants.NGHTTP2_NO_ERROR && !this.headersSent);
}
