import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { cors as connectCors } from "@connectrpc/connect";

/** Which pages in a browser may call the server (the CORS protocol of the Fetch standard). */
export interface CorsOptions {
  /** Origins such as `https://console.example.com`, or `*` for every page. */
  readonly allowedOrigins: readonly string[];
  /** Request headers that pages may send beside those of Connect and gRPC-Web, and `authorization`. */
  readonly allowedHeaders?: readonly string[] | undefined;
}

/** Browsers ask again after so long. Chromium takes no more than two hours. */
const MAX_AGE_SECONDS = 7_200;

const EXPOSED_HEADERS = [
  ...connectCors.exposedHeaders,
  "grpc-status-details-bin",
  "retry-after",
  "www-authenticate",
].join(", ");

/** Those of Connect, and what REST and access tokens have beside them. */
const ALLOWED_METHODS = [...connectCors.allowedMethods, "PUT", "PATCH", "DELETE"];
const ALLOWED_HEADERS = [...connectCors.allowedHeaders, "X-Server-Timeout", "Authorization"];

/** Adds what browsers need to see. Answers whether the request was a preflight, and is answered. */
export function answerCors(
  options: CorsOptions,
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
): boolean {
  const { origin } = request.headers;
  if (origin === undefined) return false;
  // The answer differs by origin: a cache must not give one page's to another.
  response.setHeader("vary", "Origin");
  const every = options.allowedOrigins.includes("*");
  const allowed = every || options.allowedOrigins.includes(origin);
  if (allowed) {
    response.setHeader("access-control-allow-origin", every ? "*" : origin);
    response.setHeader("access-control-expose-headers", EXPOSED_HEADERS);
  }
  if (request.method !== "OPTIONS" || request.headers["access-control-request-method"] === undefined)
    return false;
  if (allowed) {
    const headers = [...ALLOWED_HEADERS, ...(options.allowedHeaders ?? [])];
    response.setHeader("access-control-allow-methods", ALLOWED_METHODS.join(", "));
    response.setHeader("access-control-allow-headers", headers.join(", "));
    response.setHeader("access-control-max-age", String(MAX_AGE_SECONDS));
  }
  response.statusCode = 204;
  response.end();
  return true;
}
