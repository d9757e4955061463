import type { ConnectError } from "@connectrpc/connect";
import type { UniversalHandler, UniversalServerRequest } from "@connectrpc/connect/protocol";
import { errorOfConnectJson } from "./errors.ts";

/** What a handler has answered: its response in binary, or its error. */
export type Outcome =
  | { readonly kind: "message"; readonly bytes: Uint8Array; readonly header: Headers }
  | { readonly kind: "error"; readonly error: ConnectError; readonly header: Headers };

/** What a stream goes on with. */
export type StreamEvent =
  | { readonly kind: "message"; readonly bytes: Uint8Array }
  | { readonly kind: "end"; readonly error: ConnectError | undefined; readonly trailer: Headers };

/** A request as REST hands it on: the message is made only when the handler, past its gate, reads the body. */
export interface ConnectCall {
  readonly request: UniversalServerRequest;
  readonly timeoutMs: number | undefined;
  message(): Promise<Uint8Array>;
}

const END_OF_STREAM = 0b10;
const ENVELOPE_BYTES = 5;

/**
 * Calls a unary method as Connect's protocol does, in binary: so it comes through the same gate, interceptors
 * and handler as every other call, and an Any need not be known to anyone.
 */
export async function callUnary(handler: UniversalHandler, call: ConnectCall): Promise<Outcome> {
  const response = await handler(connectRequest(call, "application/proto", once(call.message)));
  const header = answeredHeader(response.header);
  const bytes = await allBytes(response.body);
  return response.status === 200
    ? { kind: "message", bytes, header }
    : { kind: "error", error: errorOfConnectJson(parseJson(bytes)), header };
}

/** Calls a server-streaming method as Connect's protocol does, in binary. The events end with one of kind "end". */
export async function callStream(
  handler: UniversalHandler,
  call: ConnectCall,
): Promise<{ readonly header: Headers; readonly events: AsyncIterable<StreamEvent> }> {
  const message = async () => envelope(await call.message());
  const response = await handler(connectRequest(call, "application/connect+proto", once(message)));
  return { header: answeredHeader(response.header), events: eventsIn(response.body ?? []) };
}

function connectRequest(
  { request, timeoutMs }: ConnectCall,
  contentType: string,
  body: AsyncIterable<Uint8Array>,
): UniversalServerRequest {
  const header = new Headers(request.header);
  // They speak of the request's body as it was sent, or of the answer's as it will be.
  for (const name of ["content-length", "content-encoding", "accept-encoding"]) header.delete(name);
  header.set("content-type", contentType);
  header.set("connect-protocol-version", "1");
  if (timeoutMs === undefined) header.delete("connect-timeout-ms");
  else header.set("connect-timeout-ms", String(timeoutMs));
  return { ...request, method: "POST", header, body };
}

async function* once(message: () => Promise<Uint8Array>): AsyncIterable<Uint8Array> {
  yield await message();
}

const ABOUT_BODY = [
  ...["content-type", "content-length", "content-encoding", "accept-encoding"],
  ...["connect-content-encoding", "connect-accept-encoding"],
];

/** The headers of an answer, without those that speak of the body that Connect has given it. */
function answeredHeader(header = new Headers()): Headers {
  for (const name of ABOUT_BODY) header.delete(name);
  return header;
}

async function allBytes(body: AsyncIterable<Uint8Array> | undefined): Promise<Uint8Array> {
  let all = new Uint8Array();
  for await (const chunk of body ?? [])
    all = all.byteLength === 0 ? new Uint8Array(chunk) : joined(all, chunk);
  return all;
}

async function* eventsIn(body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncIterable<StreamEvent> {
  let buffer = new Uint8Array();
  for await (const chunk of body) {
    buffer = joined(buffer, chunk);
    while (buffer.byteLength >= ENVELOPE_BYTES) {
      const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
      const end = ENVELOPE_BYTES + view.getUint32(1);
      if (buffer.byteLength < end) break;
      const bytes = buffer.slice(ENVELOPE_BYTES, end);
      yield (view.getUint8(0) & END_OF_STREAM) === 0
        ? { kind: "message", bytes }
        : endOfStream(parseJson(bytes));
      buffer = buffer.slice(end);
    }
  }
}

function endOfStream(json: unknown): StreamEvent {
  const { error, metadata }: { error?: unknown; metadata?: unknown } =
    typeof json === "object" && json !== null ? json : {};
  const trailer = new Headers();
  for (const [name, values] of Object.entries(
    typeof metadata === "object" && metadata !== null ? metadata : {},
  )) {
    for (const value of Array.isArray(values) ? values : []) trailer.append(name, String(value));
  }
  return { kind: "end", error: error === undefined ? undefined : errorOfConnectJson(error), trailer };
}

function envelope(message: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(ENVELOPE_BYTES + message.byteLength);
  new DataView(bytes.buffer).setUint32(1, message.byteLength);
  bytes.set(message, ENVELOPE_BYTES);
  return bytes;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(a.byteLength + b.byteLength);
  bytes.set(a);
  bytes.set(b, a.byteLength);
  return bytes;
}

/** JSON of Connect's own making; undefined where an answer has none. */
function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
