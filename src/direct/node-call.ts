import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { constants, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import type { ContextValues } from "@connectrpc/connect";
import type { RequestTarget } from "./call-context.ts";
import type { DirectCalls } from "./direct-calls.ts";
import type { DirectRequest } from "./direct-request.ts";
import { requestEnded, streamEnded } from "./errors.ts";
import type { HandedOver } from "./handed-over.ts";
import { HeldHeaders } from "./held-headers.ts";
import { UnaryCall } from "./unary-call.ts";
import type { WireAnswer } from "./wire-answer.ts";

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
export class NodeCall extends UnaryCall {
  readonly #request: NodeRequest;
  readonly #response: NodeResponse;
  readonly #toConnect: AnswerRequest;

  constructor(
    request: NodeRequest,
    response: NodeResponse,
    asked: DirectRequest,
    calls: DirectCalls,
    values: ContextValues | undefined,
    toConnect: AnswerRequest,
  ) {
    super(asked, new HeldHeaders(request.headers, undefined), calls, values);
    this.#request = request;
    this.#response = response;
    this.#toConnect = toConnect;
    this.#closing.once("close", () => this.closed(() => this.#reason()));
  }

  override get isGone(): boolean {
    const response = this.#response;
    // A response of HTTP/1.1 has no socket before it is its turn.
    return "stream" in response ? response.stream.destroyed : this.#request.socket.destroyed;
  }

  protected override get target(): RequestTarget {
    const { socket, url = "", headers } = this.#request;
    const authority = "authority" in this.#request ? this.#request.authority : headers.host;
    return { isEncrypted: "encrypted" in socket && Boolean(socket.encrypted), authority, path: url };
  }

  protected override get rest(): NodeRequest {
    return this.#request;
  }

  protected override get hasEnded(): boolean {
    return this.#request.readableEnded;
  }

  /** Of a request that is not read Node reads, and forgets, what comes: Connect's own handler sees to that. */
  protected override get isWhole(): boolean {
    return false;
  }

  protected override listen(): void {
    this.#request.on("data", this.#came);
    this.#request.on("end", this.#ended);
  }

  protected override forget(): void {
    this.#request.off("data", this.#came);
    this.#request.off("end", this.#ended);
  }

  protected override send({ status, head, body, trailers }: WireAnswer): void {
    const response = this.#response;
    const said = { ...head, ...this.#vary(head) };
    if ("stream" in response) {
      response.writeHead(status, said);
      if (trailers !== undefined) response.addTrailers(trailers);
      response.end(body);
    } else {
      response.writeHead(status, said);
      // Node would tell the length of what is ended with; Connect tells that of its own protocol alone.
      response.write(body);
      response.end();
    }
  }

  protected override giveToConnect(call: HandedOver): void {
    const request = this.#request;
    if (call.progress.begun !== undefined) {
      request.pause();
      // That pauses the stream of HTTP/2 too, which nothing would wake: what it brings is kept for whoever reads on.
      if ("stream" in request) request.stream.resume();
    }
    this.#toConnect(request, this.#response, call);
  }

  get isItsTurn(): boolean {
    return "stream" in this.#response || this.#response.socket !== null;
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

  readonly #came = (piece: Uint8Array): void => this.came(piece);

  readonly #ended = (): void => this.ended();

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
}
