import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { constants, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import type { ContextValues } from "@connectrpc/connect";
import type { RequestTarget } from "./call-context.ts";
import type { DirectCalls } from "./direct-calls.ts";
import type { DirectRequest } from "./direct-request.ts";
import { requestEnded, streamEnded } from "./errors.ts";
import type { HandedOver } from "./handed-over.ts";
import { HeldHeaders } from "./held-headers.ts";
import type { OpenCall } from "./open-calls.ts";
import { UnaryCall } from "./unary-call.ts";
import { SMALL_BYTES, type UntakenAnswer } from "./untaken-answer.ts";
import type { WireAnswer } from "./wire-answer.ts";
import type { WrittenOnce } from "./written-once.ts";

/** A request of either HTTP, as Node's servers give it. */
export type NodeRequest = IncomingMessage | Http2ServerRequest;

/** Its response. */
export type NodeResponse = ServerResponse | Http2ServerResponse;

/** Answers a call that is handed over. */
export type AnswerRequest = (request: NodeRequest, response: NodeResponse, call?: HandedOver) => void;

/** What a request asks for; undefined where Connect's own handler is to answer it from the beginning. */
export function askedBy(calls: DirectCalls, request: NodeRequest): DirectRequest | undefined {
  const authority = "authority" in request ? request.authority : request.headers.host;
  const asked = calls.requestOf(request.method, request.url ?? "", authority, request.headers);
  // gRPC needs the trailers of HTTP/2.
  return asked?.form.protocol === "grpc" && !("stream" in request) ? undefined : asked;
}

/** A unary call over a request and a response as Node's servers give them, of either HTTP. */
export class NodeCall extends UnaryCall implements OpenCall, UntakenAnswer {
  readonly #request: NodeRequest;
  readonly #response: NodeResponse;
  readonly #calls: DirectCalls;
  readonly #toConnect: AnswerRequest;
  #isAnswered = false;
  bytes = 0;

  constructor(
    request: NodeRequest,
    response: NodeResponse,
    asked: DirectRequest,
    calls: DirectCalls,
    values: ContextValues | undefined,
    toConnect: AnswerRequest,
  ) {
    super(asked, new HeldHeaders(request.headers, undefined), calls.clock, values);
    this.#request = request;
    this.#response = response;
    this.#calls = calls;
    this.#toConnect = toConnect;
    this.#closing.once("close", this.#close);
  }

  override get isGone(): boolean {
    const response = this.#response;
    // A response of HTTP/1.1 has no socket before it is its turn.
    return "stream" in response ? response.stream.destroyed : this.#request.socket.destroyed;
  }

  protected override get written(): WrittenOnce {
    return this.#calls.written;
  }

  protected override get hiddenHeaders(): readonly string[] {
    return this.#calls.hiddenHeaders;
  }

  protected override get target(): RequestTarget {
    const { socket, url = "", headers } = this.#request;
    const authority = "authority" in this.#request ? this.#request.authority : headers.host;
    return { isEncrypted: "encrypted" in socket && Boolean(socket.encrypted), authority, path: url };
  }

  protected override read(): void {
    this.#calls.open.add(this);
    // A request without a body may have ended while the gate was asked.
    if (this.#request.readableEnded) {
      this.#ready();
      return;
    }
    this.#request.on("data", this.#take);
    this.#request.on("end", this.#ready);
  }

  protected override send({ head, body, trailers }: WireAnswer): void {
    const response = this.#response;
    this.#isAnswered = true;
    this.bytes = body.byteLength;
    const said = { ...head, ...this.#vary(head) };
    if ("stream" in response) {
      response.writeHead(200, said);
      if (trailers !== undefined) response.addTrailers(trailers);
      response.end(body);
    } else {
      response.writeHead(200, said);
      // Node would tell the length of what is ended with; Connect tells that of its own protocol alone.
      response.write(body);
      response.end();
    }
    if (body.byteLength > SMALL_BYTES) this.#calls.watchAnswer?.(this);
    else this.#calls.open.add(this);
  }

  protected override giveToConnect(call: HandedOver): void {
    const request = this.#request;
    this.#calls.open.remove(this);
    request.off("data", this.#take);
    request.off("end", this.#ready);
    if (call.progress.begun !== undefined) {
      request.pause();
      // That pauses the stream of HTTP/2 too, which nothing would wake: what it brings is kept for whoever reads on.
      if ("stream" in request) request.stream.resume();
    }
    this.#toConnect(request, this.#response, call);
  }

  isSlow(): void {
    if (this.#isAnswered) this.#calls.watchAnswer?.(this);
    else this.#giveUp();
  }

  get connection(): { destroy(): void } | undefined {
    return "stream" in this.#request ? this.#request.stream.session : this.#request.socket;
  }

  end(): void {
    // With any other code Node waits until the answer is taken.
    if ("stream" in this.#request) this.#request.stream.close(constants.NGHTTP2_CANCEL);
    else this.#request.socket.destroy();
  }

  onClosed(listener: () => void): void {
    this.#closing.once("close", listener);
  }

  /** What tells of the call's end: a request of HTTP/1.1 closes when it is read, a response of HTTP/2 when it is sent. */
  get #closing() {
    return "stream" in this.#response ? this.#response.stream : this.#response;
  }

  /** Requests that come in one piece are answered here, and all others by Connect. */
  readonly #take = (chunk: Uint8Array): void => {
    if (this.body === undefined && this.mayBeWhole(chunk)) this.body = chunk;
    else this.#giveUp(chunk);
  };

  readonly #ready = (): void => {
    this.#calls.open.remove(this);
    this.answer();
  };

  readonly #close = (): void => {
    this.#calls.open.remove(this);
    this.over(this.#reason());
  };

  /** What was set already (by CORS) would be replaced. */
  #vary({ vary }: OutgoingHttpHeaders): OutgoingHttpHeaders | undefined {
    const set = this.#response.getHeader("vary");
    return set === undefined || vary === undefined ? undefined : { vary: `${vary}, ${set}` };
  }

  #reason(): unknown {
    const request = this.#request;
    if ("stream" in request) return streamEnded(request.stream.rstCode);
    return request.errored ? requestEnded(request.errored) : undefined;
  }

  #giveUp(...more: Uint8Array[]): void {
    const begin = this.body === undefined ? more : [this.body, ...more];
    this.handOver({ begun: { begin, rest: this.#request } });
  }
}
