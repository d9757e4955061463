import { create, fromBinary, toBinary, toJson } from "@bufbuild/protobuf";
import { anyIs, anyPack } from "@bufbuild/protobuf/wkt";
import { Code, decodeBinaryHeader, encodeBinaryHeader } from "@connectrpc/connect";
import type { UniversalHandler, UniversalServerResponse } from "@connectrpc/connect/protocol";
import { BadRequestSchema, type ErrorInfo, ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import { type Status, StatusSchema } from "../../gen/google/rpc/status_pb.ts";
import { ERROR_DOMAIN } from "../operation/errors.ts";

const STATUS = "grpc-status";
const MESSAGE = "grpc-message";
const DETAILS = "grpc-status-details-bin";

/** The flag of the frame that holds the trailers in gRPC-Web. */
const TRAILER_FLAG = 0x80;
const FRAME_HEADER_BYTES = 5;

/**
 * Gives every error of a handler its ErrorInfo (AIP-193). The refusals of the handlers carry theirs; this is
 * for what Connect refuses before a handler is called: a message that cannot be read, or is too large.
 */
export function withErrorInfo(handler: UniversalHandler): UniversalHandler {
  const { protocolNames, service, method, requestPath, allowedMethods, supportedContentType } = handler;
  return Object.assign(async (...args: Parameters<UniversalHandler>) => completed(await handler(...args)), {
    protocolNames,
    service,
    method,
    requestPath,
    allowedMethods,
    supportedContentType,
  });
}

async function completed(response: UniversalServerResponse): Promise<UniversalServerResponse> {
  const { body, trailer, header } = response;
  if (body === undefined || body === null) return response;
  const contentType = header?.get("content-type") ?? "";
  if (contentType.startsWith("application/grpc-web")) return { ...response, body: completedFrames(body) };
  if (contentType.startsWith("application/grpc")) {
    return trailer === undefined ? response : { ...response, body: completedTrailer(body, trailer) };
  }
  if (response.status < 400 || header === undefined || header.has("content-encoding")) return response;
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  const bytes = completedConnectError(Buffer.concat(chunks));
  header.set("content-length", String(bytes.byteLength));
  return { ...response, body: once(bytes) };
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

async function* completedTrailer(
  body: AsyncIterable<Uint8Array>,
  trailer: Headers,
): AsyncIterable<Uint8Array> {
  yield* body;
  // Connect sets the trailers when the body is over.
  completeStatus(trailer);
}

async function* completedFrames(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  for await (const frame of body) yield frame[0] === TRAILER_FLAG ? completedTrailerFrame(frame) : frame;
}

function completedTrailerFrame(frame: Uint8Array): Uint8Array {
  const trailer = new Headers();
  for (const line of Buffer.from(frame.subarray(FRAME_HEADER_BYTES)).toString().split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) trailer.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  if (!completeStatus(trailer)) return frame;
  let text = "";
  for (const [key, value] of trailer) text += `${key}: ${value}\r\n`;
  const data = Buffer.from(text);
  const header = Buffer.alloc(FRAME_HEADER_BYTES);
  header.writeUInt8(TRAILER_FLAG, 0);
  header.writeUInt32BE(data.byteLength, 1);
  return Buffer.concat([header, data]);
}

/** Adds what is missing to gRPC's trailers. Answers whether something was. */
function completeStatus(trailer: Headers): boolean {
  const code = Number(trailer.get(STATUS) ?? 0);
  if (code === 0) return false;
  const sent = trailer.get(DETAILS);
  const status =
    sent === null
      ? create(StatusSchema, { code, message: decodeURIComponent(trailer.get(MESSAGE) ?? "") })
      : fromBinary(StatusSchema, decodeBinaryHeader(sent));
  if (status.details.some((any) => anyIs(any, ErrorInfoSchema))) return false;
  for (const { desc, value } of missingDetails(code, status.message)) {
    status.details.push(anyPack(desc, create(desc, value)));
  }
  trailer.set(DETAILS, encodeBinaryHeader(toBinary(StatusSchema, status satisfies Status)));
  return true;
}

interface ConnectErrorJson {
  code?: string;
  message?: string;
  details?: { type: string; value: string; debug?: unknown }[];
}

function completedConnectError(bytes: Buffer): Uint8Array {
  const error: ConnectErrorJson = JSON.parse(bytes.toString());
  const details = error.details ?? [];
  if (details.some(({ type }) => type === ErrorInfoSchema.typeName)) return bytes;
  for (const { desc, value } of missingDetails(codeNamed(error.code ?? ""), error.message ?? "")) {
    const message = create(desc, value);
    const encoded = Buffer.from(toBinary(desc, message)).toString("base64").replace(/=+$/, "");
    details.push({ type: desc.typeName, value: encoded, debug: toJson(desc, message) });
  }
  return Buffer.from(JSON.stringify({ ...error, details }));
}

function missingDetails(code: number, message: string) {
  const reason = nameOf(code);
  const details: { desc: typeof ErrorInfoSchema | typeof BadRequestSchema; value: object }[] = [
    { desc: ErrorInfoSchema, value: { reason, domain: ERROR_DOMAIN } satisfies Partial<ErrorInfo> },
  ];
  if (code === Code.InvalidArgument) {
    const violation = { field: fieldIn(message), description: message };
    details.push({ desc: BadRequestSchema, value: { fieldViolations: [violation] } });
  }
  return details;
}

/** The field that a JSON message could not be read for, as protobuf-es names it; "" where it is no single one. */
function fieldIn(message: string): string {
  return /(?:field|key) "?[\w.]*?(\w+)"?(?:\[\d+\])? from JSON/.exec(message)?.[1] ?? "";
}

/** INVALID_ARGUMENT for 3. */
function nameOf(code: number): string {
  const name = code in Code ? Code[code as Code] : "Unknown";
  if (name === "Canceled") return "CANCELLED";
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
}

/** 3 for `invalid_argument`, as Connect writes it. */
function codeNamed(name: string): number {
  const pascal = name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return Code[pascal as keyof typeof Code] ?? Code.Unknown;
}
