import type { Http2Server } from "node:http2";
import type { Clock } from "../time/clock.ts";
import type { FramedStream, StreamConnection } from "./framed-stream.ts";
import type { RequestHead } from "./request-head.ts";
import type { Holding } from "./stuck-answers.ts";

/** How connections are served. */
export interface FramedConnectionOptions {
  /** How many streams may be open at once. */
  readonly maxConcurrentStreams: number;
  /** The largest header list of a request, in bytes. */
  readonly maxHeaderBytes: number;
  /** What becomes of answers that a client does not take, where nobody else knows of them. */
  readonly stuck: {
    readonly timeoutMs: number;
    hold(connection: StreamConnection): Holding;
  };
  readonly clock: Clock;
  /** What makes sessions for the streams that nobody takes. */
  readonly nodeServer: Http2Server;
  /** Offers a stream whose request is plain. Answers whether it is taken, and has a user; else node:http2 has it. */
  take(stream: FramedStream, head: RequestHead): boolean;
}

/** Hears of what comes and goes on a connection. */
export interface ConnectionWatch {
  began(stream: FramedStream): void;
  ended(stream: FramedStream): void;
  /** A client has reset a stream, or had it reset by a fault of its own. */
  reset(): void;
  closed(): void;
}
