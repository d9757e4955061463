import { gunzipSync } from "node:zlib";
import { create, type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { type ConnectError, decodeBinaryHeader, encodeBinaryHeader } from "@connectrpc/connect";
import type { UniversalHandler, UniversalServerResponse } from "@connectrpc/connect/protocol";
import { ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import { StatusSchema } from "../../gen/google/rpc/status_pb.ts";
import type { ErrorCompletion } from "../direct/error-completion.ts";
import { type ConnectErrorJson, completedErrorJson } from "./connect-error-json.ts";
import { type CompletingOptions, missingDetails } from "./missing-details.ts";

const STATUS = "grpc-status";
const MESSAGE = "grpc-message";
const DETAILS = "grpc-status-details-bin";

/** The flags of a frame: that it holds gRPC-Web's trailers, or how a stream of Connect ended, and that it is compressed. */
const TRAILER_FLAG = 0x80;
const END_OF_STREAM_FLAG = 0x02;
const COMPRESSED_FLAG = 0x01;

/** The HTTP status of INVALID_ARGUMENT in Connect's protocol. */
const BAD_REQUEST = 400;

/** The encoding that `serve` compresses with. What is compressed otherwise is not opened, and not completed. */
const GZIP = "gzip";
const FRAME_HEADER_BYTES = 5;

/** The same for errors that do not go through Connect's handlers. */
export function completionOf(
  input: DescMessage,
  settings: Omit<CompletingOptions, "input">,
): ErrorCompletion {
  const options = { ...settings, input };
  return {
    inTrailer: (trailer, error) => {
      if (!error.details.some(isErrorInfo)) completeStatus(trailer, options);
    },
    inJson: (error) => ({ ...completedErrorJson(error as ConnectErrorJson, options) }),
  };
}

/**
 * Gives every error of a handler its ErrorInfo (AIP-193). The refusals of the handlers carry theirs; this is
 * for what Connect refuses before a handler is called: a message that cannot be read, or is too large.
 */
export function withErrorInfo(
  handler: UniversalHandler,
  settings: Omit<CompletingOptions, "input">,
): UniversalHandler {
  const { protocolNames, service, method, requestPath, allowedMethods, supportedContentType } = handler;
  const options = { ...settings, input: method.input };
  return Object.assign(
    async (...args: Parameters<UniversalHandler>) => completed(await handler(...args), options),
    { protocolNames, service, method, requestPath, allowedMethods, supportedContentType },
  );
}

async function completed(
  response: UniversalServerResponse,
  options: CompletingOptions,
): Promise<UniversalServerResponse> {
  const { body, trailer, header } = response;
  if (body === undefined || body === null) return response;
  const contentType = header?.get("content-type") ?? "";
  if (contentType.startsWith("application/grpc-web")) {
    const frames = completedFrames(body, TRAILER_FLAG, (trailer) => completedTrailerText(trailer, options));
    return { ...response, body: frames };
  }
  if (contentType.startsWith("application/grpc")) {
    return trailer === undefined ? response : { ...response, body: completedTrailer(body, trailer, options) };
  }
  if (contentType.startsWith("application/connect+")) {
    const frames = completedFrames(body, END_OF_STREAM_FLAG, (end) => completedEndOfStream(end, options));
    return { ...response, body: frames };
  }
  if (response.status < 400 || header === undefined) return response;
  const encoding = header.get("content-encoding");
  if (encoding !== null && encoding !== GZIP) return response;
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  const sent = Buffer.concat(chunks);
  const error: ConnectErrorJson = JSON.parse((encoding === GZIP ? gunzipSync(sent) : sent).toString());
  const complete = completedErrorJson(error, options);
  const bytes = Buffer.from(JSON.stringify(complete));
  header.delete("content-encoding");
  header.set("content-length", String(bytes.byteLength));
  const status = complete.code === error.code ? response.status : BAD_REQUEST;
  return { ...response, status, body: once(bytes) };
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

async function* completedTrailer(
  body: AsyncIterable<Uint8Array>,
  trailer: Headers,
  options: CompletingOptions,
): AsyncIterable<Uint8Array> {
  yield* body;
  // Connect sets the trailers when the body is over.
  completeStatus(trailer, options);
}

/** Completes the last frame of a body: the one that has the flag. */
async function* completedFrames(
  body: AsyncIterable<Uint8Array>,
  flag: number,
  complete: (data: Buffer) => string | undefined,
): AsyncIterable<Uint8Array> {
  for await (const frame of body) {
    const [flags = 0] = frame;
    yield (flags & flag) === 0 ? frame : completedFrame(frame, flag, complete);
  }
}

function completedFrame(
  frame: Uint8Array,
  flag: number,
  complete: (data: Buffer) => string | undefined,
): Uint8Array {
  const sent = frame.subarray(FRAME_HEADER_BYTES);
  const compressed = ((frame[0] ?? 0) & COMPRESSED_FLAG) !== 0;
  if (compressed && !isGzip(sent)) return frame;
  const text = complete(Buffer.from(compressed ? gunzipSync(sent) : sent));
  if (text === undefined) return frame;
  const data = Buffer.from(text);
  const header = Buffer.alloc(FRAME_HEADER_BYTES);
  header.writeUInt8(flag, 0);
  header.writeUInt32BE(data.byteLength, 1);
  return Buffer.concat([header, data]);
}

function completedTrailerText(sent: Buffer, options: CompletingOptions): string | undefined {
  const trailer = new Headers();
  for (const line of sent.toString().split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) trailer.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  if (!completeStatus(trailer, options)) return undefined;
  let text = "";
  for (const [key, value] of trailer) text += `${key}: ${value}\r\n`;
  return text;
}

function completedEndOfStream(sent: Buffer, options: CompletingOptions): string | undefined {
  const end: { error?: ConnectErrorJson } = JSON.parse(sent.toString());
  if (end.error === undefined) return undefined;
  return JSON.stringify({ ...end, error: completedErrorJson(end.error, options) });
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** Whether it is the one that every error is to have. */
function isErrorInfo(detail: ConnectError["details"][number]): boolean {
  return ("desc" in detail ? detail.desc.typeName : detail.type) === ErrorInfoSchema.typeName;
}

/** Adds what is missing to gRPC's trailers. Answers whether something was. */
function completeStatus(trailer: Headers, options: CompletingOptions): boolean {
  const code = Number(trailer.get(STATUS) ?? 0);
  if (code === 0) return false;
  const sent = trailer.get(DETAILS);
  const status =
    sent === null
      ? create(StatusSchema, { code, message: decodeURIComponent(trailer.get(MESSAGE) ?? "") })
      : fromBinary(StatusSchema, decodeBinaryHeader(sent));
  const details = status.details.map(({ typeUrl }) => typeUrl.slice(typeUrl.lastIndexOf("/") + 1));
  const missing = missingDetails({ code, message: status.message, details }, options);
  for (const { desc, value } of missing) status.details.push(anyPack(desc, create(desc, value)));
  if (missing.length > 0) trailer.set(DETAILS, encodeBinaryHeader(toBinary(StatusSchema, status)));
  return missing.length > 0;
}
