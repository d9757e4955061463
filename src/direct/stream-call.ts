import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { ContextValues } from "@connectrpc/connect";
import type { RequestTarget } from "./call-context.ts";
import type { DirectCalls, DirectRequest } from "./direct-calls.ts";
import { streamEnded } from "./errors.ts";
import type { HandedOver } from "./handed-over.ts";
import { areForHttp2 } from "./headers.ts";
import type { OpenCall } from "./open-calls.ts";
import { UnaryCall, type WireAnswer } from "./unary-call.ts";
import { SMALL_BYTES, type UntakenAnswer } from "./untaken-answer.ts";
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
  readonly #headers: IncomingHttpHeaders;
  readonly #calls: DirectCalls;
  readonly #toConnect: AnswerStream;
  #body: Uint8Array | undefined;
  #isAnswered = false;
  bytes = 0;

  constructor(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    request: DirectRequest,
    calls: DirectCalls,
    values: ContextValues | undefined,
    toConnect: AnswerStream,
  ) {
    super(request.method, request.form, headers, calls.clock, request.timeoutMs, values);
    this.#stream = stream;
    this.#headers = headers;
    this.#calls = calls;
    this.#toConnect = toConnect;
    stream.on("error", ignore);
    stream.on("close", this.#close);
  }

  override get isGone(): boolean {
    return this.#stream.closed || this.#stream.destroyed;
  }

  protected override get written(): WrittenOnce {
    return this.#calls.written;
  }

  protected override get target(): RequestTarget {
    const { ":authority": authority, host, ":path": path = "" } = this.#headers;
    return { isEncrypted: this.#stream.session?.encrypted ?? false, authority: authority ?? host, path };
  }

  protected override read(): void {
    this.#calls.open.add(this);
    this.#stream.on("data", this.#take);
    this.#stream.on("end", this.#ready);
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
      stream.on("wantTrailers", () => stream.sendTrailers(trailers));
    }
    stream.end(body);
    if (body.byteLength > SMALL_BYTES) this.#calls.watchAnswer?.(this);
    else this.#calls.open.add(this);
  }

  protected override giveToConnect(call: HandedOver): void {
    const stream = this.#stream;
    this.#calls.open.remove(this);
    stream.off("data", this.#take);
    stream.off("end", this.#ready);
    if (call.progress.begun !== undefined) stream.pause();
    this.#toConnect(stream, this.#headers, call);
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
  readonly #take = (chunk: Uint8Array): void => {
    if (this.#body === undefined) this.#body = chunk;
    else this.#giveUp(chunk);
  };

  readonly #ready = (): void => {
    this.#calls.open.remove(this);
    this.#calls.ready.add(this, this.#body);
    this.#body = undefined;
  };

  readonly #close = (): void => {
    this.#calls.open.remove(this);
    this.over(streamEnded(this.#stream.rstCode));
  };

  #giveUp(...more: Uint8Array[]): void {
    const begin = this.#body === undefined ? more : [this.#body, ...more];
    this.handOver({ begun: { begin, rest: this.#stream } });
  }
}

/** The call hears of the end of its stream, however that comes. */
function ignore(): void {}
