import { Code, type ConnectError } from "@connectrpc/connect";
import { mergeNonProtocolHeaders } from "@connectrpc/connect/protocol";
import {
  codeFromString,
  codeToHttpStatus,
  errorToJson,
  trailerMux,
} from "@connectrpc/connect/protocol-connect";
import { setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import type { CallForm } from "./call-form.ts";
import type { DirectMethod } from "./direct-method.ts";
import { trailersEnvelope } from "./envelope.ts";
import type { ErrorJson } from "./error-completion.ts";
import { sentError } from "./errors.ts";
import { nodeHeaders } from "./headers.ts";
import { headOf, inLines, type Touched, type WireAnswer } from "./wire-answer.ts";

const NOTHING = Buffer.alloc(0);

/**
 * An error in the form of its call, as Connect's handlers write it; undefined where it would be compressed, or its handler has
 * said otherwise. Throws where something about the error cannot be said in HTTP.
 */
export function errorAnswer(
  { codec, parts, compressMinBytes }: DirectMethod,
  form: CallForm,
  touched: Touched,
  thrown: unknown,
  accepted: string | undefined,
): WireAnswer | undefined {
  if (touched.header !== undefined && isOtherwise(touched.header, form)) return undefined;
  const error = sentError(thrown);
  if (form.protocol === "connect") {
    const json = errorToJson(error, codec.jsonOptions);
    const isCompressed =
      accepted !== undefined && Buffer.byteLength(JSON.stringify(json)) >= compressMinBytes;
    if (isCompressed) return undefined;
    const completed = parts.completion?.inJson(json) ?? json;
    const code = completed["code"] === json["code"] ? error.code : codeFromString(String(completed["code"]));
    return inConnect(completed, codeToHttpStatus(code ?? Code.Unknown), error, touched);
  }
  // Of gRPC-Web the trailers may be compressed too.
  if (form.protocol === "grpc-web" && accepted !== undefined) return undefined;
  const trailer = setTrailerStatus(new Headers(touched.trailer ?? { "grpc-status": "0" }), error);
  parts.completion?.inTrailer(trailer, error);
  const head = touched.header === undefined ? headOf(form, accepted) : nodeHeaders(touched.header);
  return form.protocol === "grpc"
    ? { status: OK, head, body: NOTHING, trailers: nodeHeaders(trailer) }
    : { status: OK, head, body: trailersEnvelope(inLines(trailer)), trailers: undefined };
}

/** gRPC's answers are well for HTTP. */
const OK = 200;

/** Whether a handler has said of its answer what errors are completed by, or not. */
function isOtherwise(header: Headers, { contentType }: CallForm): boolean {
  return header.has("content-encoding") || header.get("content-type") !== contentType;
}

function inConnect(
  json: ErrorJson,
  status: number,
  { metadata, isWireError }: ConnectError,
  touched: Touched,
): WireAnswer {
  const header = new Headers(touched.header);
  header.set("content-type", "application/json");
  if (!isWireError) mergeNonProtocolHeaders(header, metadata);
  const body = Buffer.from(JSON.stringify(json));
  const all = touched.trailer === undefined ? header : trailerMux(header, touched.trailer);
  all.set("content-length", String(body.byteLength));
  return { status, head: nodeHeaders(all), body, trailers: undefined };
}
