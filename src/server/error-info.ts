import { gunzipSync } from "node:zlib";
import { create, type DescMessage, fromBinary, toBinary, toJson } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { Code, decodeBinaryHeader, encodeBinaryHeader } from "@connectrpc/connect";
import type { UniversalHandler, UniversalServerResponse } from "@connectrpc/connect/protocol";
import { StatusSchema } from "../../gen/google/rpc/status_pb.ts";
import { missingDetails } from "./missing-details.ts";

const STATUS = "grpc-status";
const MESSAGE = "grpc-message";
const DETAILS = "grpc-status-details-bin";

/** The flags of a frame in gRPC-Web: that it holds the trailers, and that it is compressed. */
const TRAILER_FLAG = 0x80;
const COMPRESSED_FLAG = 0x01;

/** The encoding that `serve` compresses with. What is compressed otherwise is not opened, and not completed. */
const GZIP = "gzip";
const FRAME_HEADER_BYTES = 5;

/**
 * Gives every error of a handler its ErrorInfo (AIP-193). The refusals of the handlers carry theirs; this is
 * for what Connect refuses before a handler is called: a message that cannot be read, or is too large.
 */
export function withErrorInfo(handler: UniversalHandler): UniversalHandler {
  const { protocolNames, service, method, requestPath, allowedMethods, supportedContentType } = handler;
  const { input } = method;
  return Object.assign(
    async (...args: Parameters<UniversalHandler>) => completed(await handler(...args), input),
    { protocolNames, service, method, requestPath, allowedMethods, supportedContentType },
  );
}

async function completed(
  response: UniversalServerResponse,
  input: DescMessage,
): Promise<UniversalServerResponse> {
  const { body, trailer, header } = response;
  if (body === undefined || body === null) return response;
  const contentType = header?.get("content-type") ?? "";
  if (contentType.startsWith("application/grpc-web")) {
    return { ...response, body: completedFrames(body, input) };
  }
  if (contentType.startsWith("application/grpc")) {
    return trailer === undefined ? response : { ...response, body: completedTrailer(body, trailer, input) };
  }
  if (response.status < 400 || header === undefined) return response;
  const encoding = header.get("content-encoding");
  if (encoding !== null && encoding !== GZIP) return response;
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  const sent = Buffer.concat(chunks);
  const bytes = completedConnectError(encoding === GZIP ? gunzipSync(sent) : sent, input);
  header.delete("content-encoding");
  header.set("content-length", String(bytes.byteLength));
  return { ...response, body: once(bytes) };
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

async function* completedTrailer(
  body: AsyncIterable<Uint8Array>,
  trailer: Headers,
  input: DescMessage,
): AsyncIterable<Uint8Array> {
  yield* body;
  // Connect sets the trailers when the body is over.
  completeStatus(trailer, input);
}

async function* completedFrames(
  body: AsyncIterable<Uint8Array>,
  input: DescMessage,
): AsyncIterable<Uint8Array> {
  for await (const frame of body) {
    const [flags = 0] = frame;
    yield (flags & TRAILER_FLAG) === 0 ? frame : completedTrailerFrame(frame, input);
  }
}

function completedTrailerFrame(frame: Uint8Array, input: DescMessage): Uint8Array {
  const trailer = new Headers();
  const sent = frame.subarray(FRAME_HEADER_BYTES);
  const compressed = ((frame[0] ?? 0) & COMPRESSED_FLAG) !== 0;
  if (compressed && !isGzip(sent)) return frame;
  const lines = Buffer.from(compressed ? gunzipSync(sent) : sent).toString();
  for (const line of lines.split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) trailer.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  if (!completeStatus(trailer, input)) return frame;
  let text = "";
  for (const [key, value] of trailer) text += `${key}: ${value}\r\n`;
  const data = Buffer.from(text);
  const header = Buffer.alloc(FRAME_HEADER_BYTES);
  header.writeUInt8(TRAILER_FLAG, 0);
  header.writeUInt32BE(data.byteLength, 1);
  return Buffer.concat([header, data]);
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** Adds what is missing to gRPC's trailers. Answers whether something was. */
function completeStatus(trailer: Headers, input: DescMessage): boolean {
  const code = Number(trailer.get(STATUS) ?? 0);
  if (code === 0) return false;
  const sent = trailer.get(DETAILS);
  const status =
    sent === null
      ? create(StatusSchema, { code, message: decodeURIComponent(trailer.get(MESSAGE) ?? "") })
      : fromBinary(StatusSchema, decodeBinaryHeader(sent));
  const details = status.details.map(({ typeUrl }) => typeUrl.slice(typeUrl.lastIndexOf("/") + 1));
  const missing = missingDetails({ code, message: status.message, details }, input);
  for (const { desc, value } of missing) status.details.push(anyPack(desc, create(desc, value)));
  if (missing.length > 0) trailer.set(DETAILS, encodeBinaryHeader(toBinary(StatusSchema, status)));
  return missing.length > 0;
}

interface ConnectErrorJson {
  code?: string;
  message?: string;
  details?: { type: string; value: string; debug?: unknown }[];
}

function completedConnectError(bytes: Buffer, input: DescMessage): Uint8Array {
  const error: ConnectErrorJson = JSON.parse(bytes.toString());
  const details = error.details ?? [];
  const missing = missingDetails(
    {
      code: codeNamed(error.code ?? ""),
      message: error.message ?? "",
      details: details.map(({ type }) => type),
    },
    input,
  );
  if (missing.length === 0) return bytes;
  for (const { desc, value } of missing) {
    const message = create(desc, value);
    const encoded = Buffer.from(toBinary(desc, message)).toString("base64").replace(/=+$/, "");
    details.push({ type: desc.typeName, value: encoded, debug: toJson(desc, message) });
  }
  return Buffer.from(JSON.stringify({ ...error, details }));
}

/** 3 for `invalid_argument`, as Connect writes it. */
function codeNamed(name: string): number {
  const pascal = name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return Code[pascal as keyof typeof Code] ?? Code.Unknown;
}
