import type { Clock } from "../time/clock.ts";
import { REASON } from "./codes.ts";
import type { FramedStream } from "./framed-stream.ts";

/** Counts what a connection makes this process hold. */
export interface Holding {
  /** How many bytes it is now. */
  set(bytes: number): void;
  /** It is nothing any more. */
  release(): void;
}

/** How long clients may take, and who counts what is held for them meanwhile. */
export interface StuckAnswersOptions {
  /** How long a client may take none of an answer, in milliseconds. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly holding: Holding;
}

/** So little of a connection's answers is not worth counting. */
const SMALL_BYTES = 16 * 1024;

/** The answers of node:http2 that have left it, and that a client does not take: of these nobody else knows. */
export class StuckAnswers {
  readonly #options: StuckAnswersOptions;
  /**
   * Streams of which something waits, with how many of their frames had been sent when it was looked last; -1 for those that
   * wait since then.
   */
  readonly #streams = new Map<FramedStream, number>();
  #bytes = 0;
  #isCounted = false;
  #callOff: (() => void) | undefined;

  constructor(options: StuckAnswersOptions) {
    this.#options = options;
  }

  /** So many bytes have come from node:http2. */
  received(bytes: number): void {
    this.#bytes += bytes;
  }

  /** So many bytes are sent, or never will be. */
  sent(bytes: number): void {
    this.#bytes -= bytes;
    if (this.#isCounted) this.#count();
  }

  /** Something of a stream waits. */
  wait(stream: FramedStream): void {
    if (!this.#streams.has(stream)) this.#streams.set(stream, -1);
    this.#callOff ??= this.#lookLater();
    if (this.#bytes > SMALL_BYTES || this.#isCounted) this.#count();
  }

  /** The connection is closed. */
  close(): void {
    this.#callOff?.();
    this.#options.holding.release();
  }

  #count(): void {
    const { holding } = this.#options;
    this.#isCounted = this.#bytes > 0;
    if (this.#isCounted) holding.set(this.#bytes);
    else holding.release();
  }

  #lookLater(): () => void {
    return this.#options.clock.after(this.#options.timeoutMs, () => this.#look(), true);
  }

  #look(): void {
    for (const [stream, sentFrames] of [...this.#streams]) {
      if (stream.pending === undefined) this.#streams.delete(stream);
      else if (stream.sentFrames > sentFrames) this.#streams.set(stream, stream.sentFrames);
      else stream.reset(REASON.cancel);
    }
    this.#callOff = this.#streams.size > 0 ? this.#lookLater() : undefined;
  }
}
