import { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { Duplex, Readable } from "node:stream";
import type { DescMethod } from "@bufbuild/protobuf";
import { Code, ConnectError, type ConnectRouter, type ContextValues } from "@connectrpc/connect";
import type { UniversalHandler, UniversalHandlerFn } from "@connectrpc/connect/protocol";
import { universalRequestFromNodeRequest, universalResponseToNodeResponse } from "@connectrpc/connect-node";
import type { DirectCalls } from "../direct/direct-calls.ts";
import { type AnswerStream, FramedCall } from "../direct/framed-call.ts";
import { type HandedOver, type Progress, withDeadline } from "../direct/handed-over.ts";
import { HeldHeaders } from "../direct/held-headers.ts";
import {
  type AnswerRequest,
  askedBy,
  NodeCall,
  type NodeRequest,
  type NodeResponse,
} from "../direct/node-call.ts";
import { type LeaveToNode, PlainCall } from "../direct/plain-call.ts";
import type { PlainConnection } from "../http1/plain-connection.ts";
import type { PlainHead } from "../http1/plain-head.ts";
import type { FramedStream } from "../http2/framed-stream.ts";
import { connectionOf } from "../http2/node-session.ts";
import type { RequestHead } from "../http2/request-head.ts";
import type { AllowedHosts } from "./allowed-hosts.ts";
import { withCertificate } from "./client-certificate.ts";
import type { ConsolePage } from "./console-page.ts";
import { answerCors, type CorsOptions } from "./cors.ts";
import { shortenDeadline } from "./deadline-header.ts";
import { answerEarly } from "./early-answer.ts";
import { hostNotAllowed, pathNotServed } from "./early-refusals.ts";
import type { FindRest } from "./rest-routes.ts";
import { Transfer, type TransferLimits } from "./transfer.ts";

/** Handles a request of either HTTP. */
export type RequestHandler = (request: NodeRequest, response: NodeResponse) => void;

/** Takes a stream of this package's own HTTP/2, or leaves it. */
export type TakeStream = (stream: FramedStream, head: RequestHead) => boolean;

/** Takes a plain request of HTTP/1.1, or leaves it. */
export type TakePlain = (connection: PlainConnection, head: PlainHead) => boolean;

/** How requests are handled. */
export interface HandlerOptions {
  readonly cors?: CorsOptions | undefined;
  /** Which hosts calls may be for. Any where nothing is said. */
  readonly hosts?: AllowedHosts | undefined;
  /** What answers a path that is no method's. */
  readonly rest?: FindRest | undefined;
  /** The page that is served where a path is nobody else's. */
  readonly console?: ConsolePage | undefined;
  readonly errorDomain: string;
  /** Whether gRPC's and Connect's clients are told by an ErrorInfo that a path is not served. */
  readonly completeErrors: boolean;
  /** Whether clients have shown a certificate that was verified. */
  readonly asksForCertificates: boolean;
  readonly transfer: TransferLimits;
  onError(message: string, cause: unknown): void;
}

/** What handles the requests of a server. */
export interface RequestHandlers {
  /** A request as Node's servers give it. */
  readonly request: RequestHandler;
  /** Takes streams of HTTP/2 as they begin; undefined where all are node:http2's. */
  readonly takeStream: TakeStream | undefined;
  /** Takes plain requests of HTTP/1.1; undefined where all are node:http's. */
  readonly takePlain: TakePlain | undefined;
  readonly transfer: TransferLimits;
}

/**
 * Serves a router's handlers, as connectNodeAdapter does, and besides survives requests that no HTTP library
 * would send: a Host that is none, or a target that is no path. Calls of the methods in `direct` are answered without
 * Connect's pipeline, where nothing about them is out of the ordinary.
 */
export function createRequestHandlers(
  router: ConnectRouter,
  direct: DirectCalls | undefined,
  options: HandlerOptions,
): RequestHandlers {
  const handlers = new Map<string, UniversalHandler>();
  for (const handler of router.handlers) handlers.set(handler.requestPath, handler);
  const valuesOf = (socket: Duplex) => (options.asksForCertificates ? withCertificate(socket) : undefined);
  const answer: AnswerRequest = (request, response, handedOver) => {
    const url = request.url ?? "";
    const query = url.indexOf("?");
    const path = query < 0 ? url : url.slice(0, query);
    const handler =
      handlers.get(path) ?? options.rest?.(request.method ?? "", url) ?? options.console?.find(path);
    if (handler === undefined) {
      answerEarly(request, response, pathNotServed(url), options);
      return;
    }
    const values = handedOver?.progress.values ?? valuesOf(socketOf(request));
    call(handler, request, response, options, values, handedOver?.progress).catch((reason: unknown) => {
      // The client went away: there is nobody to answer.
      if (ConnectError.from(reason).code === Code.Aborted || isGone(response)) return;
      options.onError(`${path} could not be answered`, reason);
      if (!response.headersSent) answerEmpty(response, 500);
      else response.end();
    });
  };
  const { hosts } = options;
  /** Calls of plain connections that Node goes on with. */
  const handedOver = new WeakMap<Duplex, HandedOver>();
  const handle: RequestHandler = (request, response) => {
    forgetRest(request, response);
    const call = handedOver.get(request.socket);
    if (call !== undefined) {
      handedOver.delete(request.socket);
      answer(request, response, call);
      return;
    }
    const authority = authorityOf(request);
    if (authority !== undefined && hosts?.allows(authority, request.httpVersionMajor === 2) === false) {
      answerEarly(request, response, hostNotAllowed(authority), options);
      return;
    }
    if (options.cors !== undefined && answerCors(options.cors, request, response)) return;
    if (direct === undefined || !takeRequest(direct, request, response, valuesOf, answer))
      answer(request, response);
  };
  const toConnect: AnswerStream = (stream, headers, call) => {
    const request = new Http2ServerRequest(stream, headers, {}, []);
    const response = new Http2ServerResponse(stream);
    forgetRest(request, response, call.progress.begun?.rest);
    answer(request, response, call);
  };
  return {
    transfer: options.transfer,
    request: (request, response) => {
      if (!("stream" in request)) {
        // A request behind another on its connection fails with that, when Connect does not listen any more.
        request.on("error", () => {});
        handle(request, response);
        return;
      }
      // A client that resets its streams as fast as it opens them (CVE-2023-44487) has reset them by then: nobody is
      // to be answered.
      setImmediate(() => {
        if (!request.stream.closed && !request.stream.destroyed) handle(request, response);
      });
    },
    takePlain:
      direct &&
      ((connection, head) => {
        const { given } = head;
        if (options.cors !== undefined && given.origin !== undefined) return false;
        if (hosts?.allows(given.host ?? "", false) === false) return false;
        return takePlain(direct, connection, head, valuesOf, ({ socket }, call) =>
          handedOver.set(socket, call),
        );
      }),
    takeStream:
      direct &&
      ((stream, head) => {
        const { given } = head;
        // What CORS says is set on a response, which only a request has.
        if (options.cors !== undefined && given.origin !== undefined) return false;
        if (hosts?.allows(given[":authority"] ?? given.host, true) === false) return false;
        return takeStream(direct, stream, head, valuesOf, toConnect);
      }),
  };
}

type ValuesOf = (socket: Duplex) => ContextValues | undefined;

function takeRequest(
  calls: DirectCalls,
  request: NodeRequest,
  response: NodeResponse,
  valuesOf: ValuesOf,
  answer: AnswerRequest,
): boolean {
  const asked = askedBy(calls, request);
  if (asked === undefined) return false;
  new NodeCall(request, response, asked, calls, valuesOf(socketOf(request)), answer).begin();
  return true;
}

function takePlain(
  calls: DirectCalls,
  connection: PlainConnection,
  head: PlainHead,
  valuesOf: ValuesOf,
  toNode: LeaveToNode,
): boolean {
  const asked = calls.requestOf("POST", head.path, head.given.host, head.given);
  if (asked?.form.protocol !== "connect") return false;
  const call = new PlainCall(connection, head, asked, calls, valuesOf(connection.socket), toNode);
  connection.user = call;
  call.begin();
  return true;
}

/** A length that node:http2 takes too. */
const LENGTH = /^\d{1,15}$/;

function takeStream(
  calls: DirectCalls,
  stream: FramedStream,
  { given, list }: RequestHead,
  valuesOf: ValuesOf,
  toConnect: AnswerStream,
): boolean {
  const { ":method": verb, ":path": path = "", ":authority": authority, host, expect } = given;
  const { "content-length": length = "0" } = given;
  const isPlain = expect === undefined && LENGTH.test(length);
  const asked = isPlain && calls.requestOf(verb, path, authority ?? host, given);
  if (!asked) return false;
  const held = new HeldHeaders(given, list);
  const values = valuesOf(stream.connection.socket);
  const call = new FramedCall(stream, held, asked, calls, values, toConnect);
  stream.user = call;
  call.begin();
  return true;
}

/** The connection of a request, which a session of node:http2 may have in part only. */
function socketOf(request: NodeRequest): Duplex {
  const connection = "stream" in request ? connectionOf(request.stream.session) : undefined;
  return connection?.socket ?? request.socket;
}

async function call(
  handler: UniversalHandlerFn & { readonly method?: DescMethod },
  request: NodeRequest,
  response: NodeResponse,
  { transfer: limits }: Pick<HandlerOptions, "transfer">,
  values: ContextValues | undefined,
  progress: Progress | undefined,
): Promise<void> {
  if (!hasAuthority(request)) {
    answerEmpty(response, 400);
    return;
  }
  const received = universalRequestFromNodeRequest(request, response, undefined, values);
  const universal = progress === undefined ? received : withDeadline(received, progress);
  shortenDeadline(universal.header);
  // Connect makes room at once for a body of an announced length, which may never come.
  if (Number(universal.header.get("content-length")) <= limits.messageBytes) {
    universal.header.delete("content-length");
  }
  const transfer = new Transfer(request, response, limits);
  const kind = handler.method?.methodKind;
  const streams = kind === "client_streaming" || kind === "bidi_streaming";
  const body =
    progress?.body === undefined
      ? transfer.received(streams, progress?.begun)
      : transfer.known(progress.body);
  const answer = await handler({ ...universal, body });
  // What CORS has said already would be replaced by what the answer says itself.
  const vary = response.getHeader("vary");
  if (vary !== undefined) answer.header?.append("vary", String(vary));
  await universalResponseToNodeResponse(transfer.sent(answer), response);
}

/** Which host a request is for, as it says itself. */
function authorityOf(request: NodeRequest): string | undefined {
  return "authority" in request ? request.authority : request.headers.host;
}

/** Whether the connection or the stream of an answer is over. */
function isGone(response: NodeResponse): boolean {
  return "stream" in response ? response.stream.destroyed : (response.socket?.destroyed ?? true);
}

/** Whether the request says which host it is for, in a form that a URL can have. Connect takes that for granted. */
function hasAuthority(request: NodeRequest): boolean {
  const authority = authorityOf(request);
  return authority !== undefined && URL.canParse(request.url ?? "", `http://${authority}`);
}

/**
 * Reads, and forgets, what a client still sends after its answer. Left unread, it would hold up the next call
 * of an HTTP/1 connection, and Node takes no new stream on an HTTP/2 connection for which it keeps much.
 */
function forgetRest(request: NodeRequest, response: NodeResponse, source: Readable = request): void {
  // The response of HTTP/2 tells of its end when the request has ended too.
  const answer = "stream" in response ? response.stream : response;
  answer.once("finish", () => source.resume());
}

function answerEmpty(response: NodeResponse, status: number): void {
  response.statusCode = status;
  response.end();
}
