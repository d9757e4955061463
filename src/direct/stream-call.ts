import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { ContextValues } from "@connectrpc/connect";
import type { RequestTarget } from "./call-context.ts";
import type { DirectCalls } from "./direct-calls.ts";
import type { DirectRequest } from "./direct-request.ts";
import { streamEnded } from "./errors.ts";
import type { HandedOver } from "./handed-over.ts";
import { areForHttp2 } from "./headers.ts";
import type { HeldHeaders } from "./held-headers.ts";
import { UnaryCall } from "./unary-call.ts";
import { OK, type WireAnswer } from "./wire-answer.ts";

/** Answers a call by HTTP/2 that is handed over, with Node's own request and response for its stream. */
export type AnswerStream = (
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  call: HandedOver,
) => void;

const WITH_TRAILERS = Object.freeze({ waitForTrailers: true });

/** A unary call over a stream of HTTP/2. */
export class StreamCall extends UnaryCall {
  readonly #stream: ServerHttp2Stream;
  readonly #toConnect: AnswerStream;

  constructor(
    stream: ServerHttp2Stream,
    headers: HeldHeaders,
    request: DirectRequest,
    calls: DirectCalls,
    values: ContextValues | undefined,
    toConnect: AnswerStream,
  ) {
    super(request, headers, calls, values);
    this.#stream = stream;
    this.#toConnect = toConnect;
    stream.on("error", ignore);
    // A plain property costs a tenth of what Reflect.set does.
    (stream as CalledStream)[callOf] = this;
    stream.on("close", closed);
  }

  override get isGone(): boolean {
    return this.#stream.closed || this.#stream.destroyed;
  }

  protected override get target(): RequestTarget {
    const given: IncomingHttpHeaders = this.headers.given();
    const { ":authority": authority = given.host, ":path": path = "" } = given;
    return { isEncrypted: this.#stream.session?.encrypted ?? false, authority, path };
  }

  protected override get source(): ServerHttp2Stream {
    return this.#stream;
  }

  protected override listen(): void {
    this.#stream.on("data", came);
    this.#stream.on("end", ended);
  }

  protected override forget(): void {
    this.#stream.off("data", came);
    this.#stream.off("end", ended);
  }

  protected override canSay(header: Headers | undefined, trailer: Headers | undefined): boolean {
    return areForHttp2(header) && areForHttp2(trailer);
  }

  protected override send({ head, body, trailers }: WireAnswer): void {
    const stream = this.#stream;
    if (trailers === undefined) stream.respond(head);
    else {
      stream.respond(head, WITH_TRAILERS);
      stream.on("wantTrailers", trailers === OK ? sayOk : () => stream.sendTrailers(trailers));
    }
    stream.end(body);
  }

  protected override giveToConnect(call: HandedOver): void {
    const stream = this.#stream;
    if (call.progress.begun !== undefined) stream.pause();
    this.#toConnect(stream, this.headers.given(), call);
  }

  /** The stream is over. */
  streamClosed(): void {
    const { rstCode } = this.#stream;
    this.closed(() => streamEnded(rstCode));
  }

  get isItsTurn(): boolean {
    return true;
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
}

/** A stream's call is found on the stream: so all streams share their listeners. */
const callOf = Symbol("call");

type CalledStream = ServerHttp2Stream & { [callOf]: StreamCall | undefined };

function came(this: CalledStream, chunk: Uint8Array): void {
  this[callOf]?.came(chunk);
}

function ended(this: CalledStream): void {
  this[callOf]?.ended();
}

function closed(this: CalledStream): void {
  this[callOf]?.streamClosed();
  // Node's native stream keeps this object until the next major collection: the call need not last as long.
  this[callOf] = undefined;
}

function sayOk(this: CalledStream): void {
  this.sendTrailers(OK);
}

/** The call hears of the end of its stream, however that comes. */
function ignore(): void {}
