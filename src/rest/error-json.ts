import {
  create,
  createRegistry,
  type JsonObject,
  type JsonValue,
  type Registry,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { base64Encode } from "@bufbuild/protobuf/wire";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import type { ConnectError } from "@connectrpc/connect";
import { file_google_rpc_error_details } from "../../gen/google/rpc/error_details_pb.ts";
import type { JsonOptions } from "./json-options.ts";
import { statusNameOf } from "./status-code.ts";

const TYPE_URL_PREFIX = "type.googleapis.com/";

const STANDARD_DETAILS: Registry = createRegistry(file_google_rpc_error_details);

/**
 * An error as AIP-193 writes it over HTTP. A detail of a type that the registry does not know is written as its
 * type URL and, in base64, its value.
 */
export function errorJson(error: ConnectError, httpStatus: number, options: JsonOptions): JsonObject {
  const { code, rawMessage: message } = error;
  const details = error.details.map((detail) => detailJson(detail, options));
  return { error: { code: httpStatus, message, status: statusNameOf(code), details } };
}

function detailJson(detail: ConnectError["details"][number], options: JsonOptions): JsonValue {
  const [type, value] =
    "desc" in detail
      ? [detail.desc.typeName, toBinary(detail.desc, create(detail.desc, detail.value))]
      : [detail.type, detail.value];
  const any = create(AnySchema, { typeUrl: TYPE_URL_PREFIX + type, value: value.slice() });
  for (const registry of [options.registry, STANDARD_DETAILS]) {
    if (registry?.getMessage(type) === undefined) continue;
    try {
      return toJson(AnySchema, any, { ...options, registry });
    } catch {
      // Its bytes are none of that type, or hold an Any of an unknown one: they are written as they are.
    }
  }
  return { "@type": any.typeUrl, value: base64Encode(value) };
}
