import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { ContextValues } from "@connectrpc/connect";
import type { RequestTarget } from "./call-context.ts";
import type { DirectCalls } from "./direct-calls.ts";
import type { DirectRequest } from "./direct-request.ts";
import { streamEnded } from "./errors.ts";
import type { HandedOver } from "./handed-over.ts";
import { areForHttp2 } from "./headers.ts";
import type { HeldHeaders } from "./held-headers.ts";
import type { OpenCall } from "./open-calls.ts";
import { UnaryCall } from "./unary-call.ts";
import { SMALL_BYTES, type UntakenAnswer } from "./untaken-answer.ts";
import { OK, type WireAnswer } from "./wire-answer.ts";
import type { WrittenOnce } from "./written-once.ts";

/** Answers a call by HTTP/2 that is handed over, with Node's own request and response for its stream. */
export type AnswerStream = (
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  call: HandedOver,
) => void;

const WITH_TRAILERS = Object.freeze({ waitForTrailers: true });

/** A unary call over a stream of HTTP/2. */
export class StreamCall extends UnaryCall implements OpenCall, UntakenAnswer {
  readonly #stream: ServerHttp2Stream;
  readonly #calls: DirectCalls;
  readonly #toConnect: AnswerStream;
  #isAnswered = false;
  bytes = 0;

  constructor(
    stream: ServerHttp2Stream,
    headers: HeldHeaders,
    request: DirectRequest,
    calls: DirectCalls,
    values: ContextValues | undefined,
    toConnect: AnswerStream,
  ) {
    super(request, headers, calls.clock, values);
    this.#stream = stream;
    this.#calls = calls;
    this.#toConnect = toConnect;
    stream.on("error", ignore);
    Reflect.set(stream, callOf, this);
    stream.on("close", closed);
  }

  override get isGone(): boolean {
    return this.#stream.closed || this.#stream.destroyed;
  }

  protected override get written(): WrittenOnce {
    return this.#calls.written;
  }

  protected override get hiddenHeaders(): readonly string[] {
    return this.#calls.hiddenHeaders;
  }

  protected override get target(): RequestTarget {
    const given: IncomingHttpHeaders = this.headers.given();
    const { ":authority": authority = given.host, ":path": path = "" } = given;
    return { isEncrypted: this.#stream.session?.encrypted ?? false, authority, path };
  }

  protected override read(): void {
    this.#calls.open.add(this);
    // A request without a body may have ended while the gate was asked.
    if (this.#stream.readableEnded) {
      this.ended();
      return;
    }
    this.#stream.on("data", came);
    this.#stream.on("end", ended);
  }

  protected override canSay(header: Headers | undefined, trailer: Headers | undefined): boolean {
    return areForHttp2(header) && areForHttp2(trailer);
  }

  protected override send({ head, body, trailers }: WireAnswer): void {
    const stream = this.#stream;
    this.#isAnswered = true;
    this.bytes = body.byteLength;
    if (trailers === undefined) stream.respond(head);
    else {
      stream.respond(head, WITH_TRAILERS);
      stream.on("wantTrailers", trailers === OK ? sayOk : () => stream.sendTrailers(trailers));
    }
    stream.end(body);
    if (body.byteLength > SMALL_BYTES) this.#calls.watchAnswer?.(this);
    else this.#calls.open.add(this);
  }

  protected override giveToConnect(call: HandedOver): void {
    const stream = this.#stream;
    this.#calls.open.remove(this);
    stream.off("data", came);
    stream.off("end", ended);
    if (call.progress.begun !== undefined) stream.pause();
    this.#toConnect(stream, this.headers.given(), call);
  }

  isSlow(): void {
    if (this.#isAnswered) this.#calls.watchAnswer?.(this);
    else this.#giveUp();
  }

  get connection(): { destroy(): void } | undefined {
    return this.#stream.session;
  }

  end(): void {
    // With any other code Node waits until the answer is taken.
    this.#stream.close(constants.NGHTTP2_CANCEL);
  }

  onClosed(listener: () => void): void {
    if (this.#stream.destroyed) listener();
    else this.#stream.once("close", listener);
  }

  /** Requests that come in one piece are answered here, and all others by Connect. */
  came(chunk: Uint8Array): void {
    if (this.body === undefined && this.mayBeWhole(chunk)) this.body = chunk;
    else this.#giveUp(chunk);
  }

  /** The request has come. */
  ended(): void {
    this.#calls.open.remove(this);
    this.#calls.ready.add(this);
  }

  /** The stream is over, answered or not. */
  closed(): void {
    this.#calls.open.remove(this);
    this.over(streamEnded(this.#stream.rstCode));
  }

  #giveUp(...more: Uint8Array[]): void {
    const begin = this.body === undefined ? more : [this.body, ...more];
    this.handOver({ begun: { begin, rest: this.#stream } });
  }
}

/** A stream's call is found on the stream: so all streams share their listeners. */
const callOf = Symbol("call");

type CalledStream = ServerHttp2Stream & { readonly [callOf]: StreamCall };

function came(this: CalledStream, chunk: Uint8Array): void {
  this[callOf].came(chunk);
}

function ended(this: CalledStream): void {
  this[callOf].ended();
}

function closed(this: CalledStream): void {
  this[callOf].closed();
}

function sayOk(this: CalledStream): void {
  this.sendTrailers(OK);
}

/** The call hears of the end of its stream, however that comes. */
function ignore(): void {}
