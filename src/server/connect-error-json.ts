import { create, fromBinary, type JsonValue, toBinary } from "@bufbuild/protobuf";
import { base64Decode, base64Encode } from "@bufbuild/protobuf/wire";
import { Code } from "@connectrpc/connect";
import type { AnyRegistry } from "../json/any-registry.ts";
import { messageToJson } from "../json/message-json.ts";
import { type CompletingOptions, missingDetails } from "./missing-details.ts";

/** An error as Connect's protocol writes it. */
export interface ConnectErrorJson {
  code?: string;
  message?: string;
  details?: { type: string; value: string; debug?: JsonValue }[];
}

/**
 * Gives an error of Connect's protocol the details that it lacks, and each detail that can be shown its `debug`:
 * Connect leaves that out where a detail holds an Any of an unknown type.
 */
export function completedErrorJson(sent: ConnectErrorJson, options: CompletingOptions): ConnectErrorJson {
  const error = isUnreadable(sent) ? { ...sent, code: "invalid_argument" } : sent;
  const details = (error.details ?? []).map((detail) => withDebug(detail, options.registry));
  const bare = {
    code: codeNamed(error.code ?? ""),
    message: error.message ?? "",
    details: details.map(({ type }) => type),
  };
  for (const { desc, value } of missingDetails(bare, options)) {
    const message = create(desc, value);
    const encoded = base64Encode(toBinary(desc, message), "std_raw");
    const debug = messageToJson(desc, message, options.registry);
    details.push({ type: desc.typeName, value: encoded, debug });
  }
  return details.length === 0 ? error : { ...error, details };
}

/**
 * Whether a message in binary could not be read. Connect's protocol says INVALID_ARGUMENT, as connect-go does;
 * connect-es has INTERNAL for all protocols, which is what gRPC says.
 */
function isUnreadable({ code, message, details }: ConnectErrorJson): boolean {
  return code === "internal" && details === undefined && (message?.startsWith("parse binary: ") ?? false);
}

function withDebug(detail: NonNullable<ConnectErrorJson["details"]>[number], registry: AnyRegistry) {
  const desc = detail.debug === undefined ? registry.known(detail.type) : undefined;
  if (desc === undefined) return detail;
  try {
    const message = fromBinary(desc, base64Decode(detail.value));
    return { ...detail, debug: messageToJson(desc, message, registry) };
  } catch {
    // It is none of its type: clients get it as it is, and `debug` is for people.
    return detail;
  }
}

/** 3 for `invalid_argument`, as Connect writes it. */
function codeNamed(name: string): number {
  const pascal = name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return Code[pascal as keyof typeof Code] ?? Code.Unknown;
}
