import type { ClientHttp2Stream, OutgoingHttpHeaders, SecureClientSessionOptions } from "node:http2";
import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from "node:http2";
import { RUNNING } from "./open-server.ts";
import { GET_OPERATION } from "./raw-http.ts";

/** What a call over HTTP/2 was answered. */
export interface Http2Answer {
  /** The status code; undefined where the stream was refused. */
  readonly status: number | undefined;
  readonly text: string;
  readonly trailers: IncomingHttpHeaders;
  /** With which code the stream was closed; 0 at a good end. */
  readonly rstCode: number;
}

/** A client's end of an HTTP/2 connection. Errors show in the calls. */
export function connectHttp2(url: string, options: SecureClientSessionOptions = {}): ClientHttp2Session {
  const session = connect(url, { rejectUnauthorized: false, ...options });
  session.on("error", () => {});
  return session;
}

/** Sends a call over HTTP/2: GetOperation in JSON, unless told otherwise. */
export function sendHttp2(session: ClientHttp2Session, headers: OutgoingHttpHeaders = {}): ClientHttp2Stream {
  const stream = session.request({
    ":method": "POST",
    ":path": GET_OPERATION,
    "content-type": "application/json",
    ...headers,
  });
  stream.on("error", () => {});
  return stream;
}

/** Resolves when the stream is over. */
export async function answerOf(stream: ClientHttp2Stream): Promise<Http2Answer> {
  let status: number | undefined;
  let trailers: IncomingHttpHeaders = {};
  let text = "";
  stream.on("response", (headers) => {
    status = headers[":status"];
  });
  stream.on("trailers", (headers) => {
    trailers = headers;
  });
  stream.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
  });
  await new Promise<void>((resolve) => stream.once("close", () => resolve()));
  return { status, text, trailers, rstCode: stream.rstCode ?? 0 };
}

/** Makes a call over HTTP/2, of the operation that runs. */
export function callHttp2(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders = {},
  body: string | Uint8Array = JSON.stringify({ name: RUNNING }),
): Promise<Http2Answer> {
  const stream = sendHttp2(session, headers);
  const answer = answerOf(stream);
  stream.end(body);
  return answer;
}

/** Makes a call over HTTP/1.1, in JSON, of the operation that runs. */
export function callHttp1(
  url: string,
  headers: Record<string, string> = {},
  path = GET_OPERATION,
): Promise<Response> {
  return fetch(`${url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ name: RUNNING }),
  });
}

/** A message in the frame of gRPC. */
export function envelope(message: string | Uint8Array, flags = 0, length?: number): Buffer {
  const data = Buffer.from(message);
  const header = Buffer.alloc(5);
  header.writeUInt8(flags, 0);
  header.writeUInt32BE(length ?? data.byteLength, 1);
  return Buffer.concat([header, data]);
}
