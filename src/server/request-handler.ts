import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { DescMethod } from "@bufbuild/protobuf";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import type { UniversalHandler, UniversalHandlerFn } from "@connectrpc/connect/protocol";
import { universalRequestFromNodeRequest, universalResponseToNodeResponse } from "@connectrpc/connect-node";
import { withCertificate } from "./client-certificate.ts";
import { answerCors, type CorsOptions } from "./cors.ts";
import { shortenDeadline } from "./deadline-header.ts";
import { answerNotServed } from "./not-served.ts";
import type { FindRest } from "./rest-routes.ts";
import { Transfer, type TransferLimits } from "./transfer.ts";

/** A request of either HTTP, as Node's servers give it. */
export type RequestHandler = (
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
) => void;

/** How requests are handled. */
export interface HandlerOptions {
  readonly cors?: CorsOptions | undefined;
  /** What answers a path that is no method's. */
  readonly rest?: FindRest | undefined;
  readonly errorDomain: string;
  /** Whether gRPC's and Connect's clients are told by an ErrorInfo that a path is not served. */
  readonly completeErrors: boolean;
  /** Whether clients have shown a certificate that was verified. */
  readonly asksForCertificates: boolean;
  readonly transfer: TransferLimits;
  onError(message: string, cause: unknown): void;
}

/**
 * Serves a router's handlers, as connectNodeAdapter does, and besides survives requests that no HTTP library
 * would send: a Host that is none, or a target that is no path.
 */
export function createRequestHandler(router: ConnectRouter, options: HandlerOptions): RequestHandler {
  const handlers = new Map<string, UniversalHandler>();
  for (const handler of router.handlers) handlers.set(handler.requestPath, handler);
  const answer: RequestHandler = (request, response) => {
    forgetRest(request, response);
    if (options.cors !== undefined && answerCors(options.cors, request, response)) return;
    const url = request.url ?? "";
    const query = url.indexOf("?");
    const path = query < 0 ? url : url.slice(0, query);
    const handler = handlers.get(path) ?? options.rest?.(request.method ?? "", url);
    if (handler === undefined) {
      answerNotServed(request, response, options);
      return;
    }
    call(handler, request, response, options).catch((reason: unknown) => {
      // The client went away: there is nobody to answer.
      if (ConnectError.from(reason).code === Code.Aborted || isGone(response)) return;
      options.onError(`${path} could not be answered`, reason);
      if (!response.headersSent) answerEmpty(response, 500);
      else response.end();
    });
  };
  return (request, response) => {
    if (!("stream" in request)) {
      answer(request, response);
      return;
    }
    // A client that resets its streams as fast as it opens them (CVE-2023-44487) has reset them by then: nobody is
    // to be answered.
    setImmediate(() => {
      if (!request.stream.closed && !request.stream.destroyed) answer(request, response);
    });
  };
}

async function call(
  handler: UniversalHandlerFn & { readonly method?: DescMethod },
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
  { transfer: limits, asksForCertificates }: Pick<HandlerOptions, "transfer" | "asksForCertificates">,
): Promise<void> {
  if (!hasAuthority(request)) {
    answerEmpty(response, 400);
    return;
  }
  const values = asksForCertificates ? withCertificate(request.socket) : undefined;
  const universal = universalRequestFromNodeRequest(request, response, undefined, values);
  shortenDeadline(universal.header);
  // Connect makes room at once for a body of an announced length, which may never come.
  if (Number(universal.header.get("content-length")) <= limits.messageBytes) {
    universal.header.delete("content-length");
  }
  const transfer = new Transfer(request, response, limits);
  const kind = handler.method?.methodKind;
  const body = transfer.received(kind === "client_streaming" || kind === "bidi_streaming");
  const answer = await handler({ ...universal, body });
  // What CORS has said already would be replaced by what the answer says itself.
  const vary = response.getHeader("vary");
  if (vary !== undefined) answer.header?.append("vary", String(vary));
  await universalResponseToNodeResponse(transfer.sent(answer), response);
}

/** Whether the connection or the stream of an answer is over. */
function isGone(response: ServerResponse | Http2ServerResponse): boolean {
  return "stream" in response ? response.stream.destroyed : (response.socket?.destroyed ?? true);
}

/** Whether the request says which host it is for, in a form that a URL can have. Connect takes that for granted. */
function hasAuthority(request: IncomingMessage | Http2ServerRequest): boolean {
  const authority = "authority" in request ? request.authority : request.headers.host;
  return authority !== undefined && URL.canParse(request.url ?? "", `http://${authority}`);
}

/**
 * Reads, and forgets, what a client still sends after its answer. Left unread, it would hold up the next call
 * of an HTTP/1 connection, and Node takes no new stream on an HTTP/2 connection for which it keeps much.
 */
function forgetRest(
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
): void {
  // The response of HTTP/2 tells of its end when the request has ended too.
  const answer = "stream" in response ? response.stream : response;
  answer.once("finish", () => request.resume());
}

function answerEmpty(response: ServerResponse | Http2ServerResponse, status: number): void {
  response.statusCode = status;
  response.end();
}
