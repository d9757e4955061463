import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { create, toBinary, toJson } from "@bufbuild/protobuf";
import { base64Encode } from "@bufbuild/protobuf/wire";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { Code, encodeBinaryHeader } from "@connectrpc/connect";
import { type ErrorInfo, ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import { StatusSchema } from "../../gen/google/rpc/status_pb.ts";

/** The longest path that an answer repeats. */
const SHOWN_LENGTH = 128;

const GRPC = /^application\/grpc(?:-web(?:-text)?)?(?:\+[a-z]+)?(?=$|[ ;])/i;
const CONNECT = /^application\/(?:proto|connect\+[a-z]+)(?:$|[ ;])/i;

/**
 * Answers that a path is nobody's, as the protocol of the call says it: gRPC's status in the headers, or JSON as
 * Connect has it. A client of REST, and a person with curl, get the same in AIP-193's form too. gRPC's clients and
 * Connect's get the ErrorInfo where a domain is given.
 */
export function answerNotServed(
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
  domains: { readonly errorDomain: string; readonly completeErrors: boolean },
): void {
  const path = (request.url ?? "").slice(0, SHOWN_LENGTH);
  const message = `path ${JSON.stringify(path)} is not served`;
  const { errorDomain: domain, completeErrors } = domains;
  const info = create(ErrorInfoSchema, { reason: "PATH_NOT_SERVED", domain, metadata: { path } });
  const contentType = request.headers["content-type"] ?? "";
  const [grpc] = GRPC.exec(contentType) ?? [];
  if (grpc !== undefined) {
    answerGrpc(response, grpc, message, completeErrors ? info : undefined);
    return;
  }
  const details = completeErrors ? { details: [inConnect(info)] } : {};
  const error = { code: "unimplemented", message };
  const isConnect = request.headers["connect-protocol-version"] !== undefined || CONNECT.test(contentType);
  answerJson(response, isConnect ? { ...error, ...details } : { ...error, error: inRest(message, info) });
}

/** The status alone, in the headers (gRPC's "Trailers-Only"). */
function answerGrpc(
  response: ServerResponse | Http2ServerResponse,
  contentType: string,
  message: string,
  info: ErrorInfo | undefined,
): void {
  const code = Code.Unimplemented;
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

function answerJson(response: ServerResponse | Http2ServerResponse, body: unknown): void {
  response.statusCode = 404;
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(body));
}

function inConnect(info: ErrorInfo) {
  const value = base64Encode(toBinary(ErrorInfoSchema, info), "std_raw");
  return { type: ErrorInfoSchema.typeName, value, debug: toJson(ErrorInfoSchema, info) };
}

function inRest(message: string, { reason, domain, metadata }: ErrorInfo) {
  const info = { "@type": `type.googleapis.com/${ErrorInfoSchema.typeName}`, reason, domain, metadata };
  return { code: 404, status: "NOT_FOUND", message, details: [info] };
}
