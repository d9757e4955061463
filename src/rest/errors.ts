import type { DescMessage, MessageInitShape } from "@bufbuild/protobuf";
import { base64Decode } from "@bufbuild/protobuf/wire";
import { ConnectError } from "@connectrpc/connect";
import { BadRequestSchema, ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import type { Refusal } from "./refusal.ts";
import { codeOfConnectName } from "./status-code.ts";

/** The ErrorInfo domain of what REST refuses, where the server names no other (AIP-193). */
export const DEFAULT_ERROR_DOMAIN = "longrunning";

interface Detail<Desc extends DescMessage = DescMessage> {
  readonly desc: Desc;
  readonly value: MessageInitShape<Desc>;
}

/** The error that a refusal is, with its ErrorInfo of that domain, and its BadRequest. */
export function errorOfRefusal({ message, parts }: Refusal, domain: string): ConnectError {
  const { code, reason, metadata, violation } = parts;
  const details: Detail[] = [{ desc: ErrorInfoSchema, value: { reason, domain, metadata: { ...metadata } } }];
  if (violation !== undefined) {
    details.push({ desc: BadRequestSchema, value: { fieldViolations: [violation] } });
  }
  return new ConnectError(message, code, undefined, details);
}

/** The error that Connect's protocol tells of in JSON. UNKNOWN where the text is none of such an error. */
export function errorOfConnectJson(json: unknown): ConnectError {
  const { code, message, details }: { code?: unknown; message?: unknown; details?: unknown } =
    typeof json === "object" && json !== null ? json : {};
  const error = new ConnectError(typeof message === "string" ? message : "", codeOfConnectName(code));
  if (Array.isArray(details)) error.details = details.flatMap(readDetail);
  return error;
}

function readDetail(detail: { readonly type?: unknown; readonly value?: unknown } | null) {
  if (typeof detail?.type !== "string" || typeof detail.value !== "string") return [];
  return [{ type: detail.type, value: base64Decode(detail.value) }];
}
