import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { create, toBinary, toJson } from "@bufbuild/protobuf";
import { base64Encode } from "@bufbuild/protobuf/wire";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { type Code, encodeBinaryHeader } from "@connectrpc/connect";
import { codeToString } from "@connectrpc/connect/protocol-connect";
import { type ErrorInfo, ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import { StatusSchema } from "../../gen/google/rpc/status_pb.ts";

const GRPC = /^application\/grpc(?:-web(?:-text)?)?(?:\+[a-z]+)?(?=$|[ ;])/i;
const CONNECT = /^application\/(?:proto|connect\+[a-z]+)(?:$|[ ;])/i;

/** Why a request is refused before any handler has it. */
export interface EarlyRefusal {
  /** As clients of gRPC and of Connect are told it. */
  readonly code: Code;
  /** As clients of HTTP are. */
  readonly http: { readonly code: number; readonly status: string };
  readonly message: string;
  readonly reason: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Whose refusals they are, and whether gRPC's clients and Connect's get the ErrorInfo. */
export interface EarlyAnswerOptions {
  readonly errorDomain: string;
  readonly completeErrors: boolean;
}

/**
 * Refuses a request as the protocol of the call says it: gRPC's status in the headers, or JSON as Connect has it. A
 * client of REST, and a person with curl, get the same in AIP-193's form too.
 */
export function answerEarly(
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
  { code, http, message, reason, metadata }: EarlyRefusal,
  { errorDomain: domain, completeErrors }: EarlyAnswerOptions,
): void {
  const info = create(ErrorInfoSchema, { reason, domain, metadata });
  const contentType = request.headers["content-type"] ?? "";
  const [grpc] = GRPC.exec(contentType) ?? [];
  if (grpc !== undefined) {
    answerGrpc(response, grpc, { code, message, info: completeErrors ? info : undefined });
    return;
  }
  const details = completeErrors ? { details: [inConnect(info)] } : {};
  const error = { code: codeToString(code), message };
  const isConnect = request.headers["connect-protocol-version"] !== undefined || CONNECT.test(contentType);
  const body = isConnect ? { ...error, ...details } : { ...error, error: inRest(http, message, info) };
  response.statusCode = http.code;
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(body));
}

/** The status alone, in the headers (gRPC's "Trailers-Only"). */
function answerGrpc(
  response: ServerResponse | Http2ServerResponse,
  contentType: string,
  { code, message, info }: { code: Code; message: string; info: ErrorInfo | undefined },
): void {
  response.statusCode = 200;
  response.setHeader("content-type", contentType);
  response.setHeader("grpc-status", String(code));
  response.setHeader("grpc-message", encodeURIComponent(message));
  if (info !== undefined) {
    const status = create(StatusSchema, { code, message, details: [anyPack(ErrorInfoSchema, info)] });
    response.setHeader("grpc-status-details-bin", encodeBinaryHeader(toBinary(StatusSchema, status)));
  }
  response.end();
}

function inConnect(info: ErrorInfo) {
  const value = base64Encode(toBinary(ErrorInfoSchema, info), "std_raw");
  return { type: ErrorInfoSchema.typeName, value, debug: toJson(ErrorInfoSchema, info) };
}

function inRest(http: EarlyRefusal["http"], message: string, { reason, domain, metadata }: ErrorInfo) {
  const info = { "@type": `type.googleapis.com/${ErrorInfoSchema.typeName}`, reason, domain, metadata };
  return { ...http, message, details: [info] };
}
