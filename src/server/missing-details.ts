import type { DescField, DescMessage, MessageInitShape } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { BadRequestSchema, ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import type { AnyRegistry } from "../json/any-registry.ts";

/** What is known of an error that may lack details. */
export interface BareError {
  readonly code: number;
  readonly message: string;
  /** The full names of the details that it has. */
  readonly details: readonly string[];
}

/** What errors are completed by. */
export interface CompletingOptions {
  /** The type of the requests. */
  readonly input: DescMessage;
  /** The ErrorInfo domain of what Connect refuses. Undefined: errors stay without the details that they lack. */
  readonly errorDomain: string | undefined;
  /** The types that are shown to people. */
  readonly registry: AnyRegistry;
}

type Detail =
  | { readonly desc: typeof ErrorInfoSchema; readonly value: MessageInitShape<typeof ErrorInfoSchema> }
  | { readonly desc: typeof BadRequestSchema; readonly value: MessageInitShape<typeof BadRequestSchema> };

/**
 * What AIP-193 asks of an error and this one lacks: an ErrorInfo, and for INVALID_ARGUMENT a BadRequest, which
 * names the field of `input` where the message tells which it is. None for an error that has its ErrorInfo.
 */
export function missingDetails(
  error: BareError,
  { input, errorDomain: domain }: Omit<CompletingOptions, "registry">,
): Detail[] {
  if (domain === undefined || error.details.includes(ErrorInfoSchema.typeName)) return [];
  const missing: Detail[] = [{ desc: ErrorInfoSchema, value: { reason: nameOf(error.code), domain } }];
  if (error.code === Code.InvalidArgument && !error.details.includes(BadRequestSchema.typeName)) {
    const violation = { field: fieldIn(error.message, input), description: error.message };
    missing.push({ desc: BadRequestSchema, value: { fieldViolations: [violation] } });
  }
  return missing;
}

/** The field that JSON could not be read for, going by protobuf-es's message; "" where that does not tell. */
function fieldIn(message: string, input: DescMessage): string {
  const [, kind, name = ""] =
    /^cannot decode (message|field|oneof|extension) (\S+) from JSON/.exec(message) ?? [];
  if (kind === "message") return soleFieldOf(input, name)?.name ?? "";
  if (kind !== "field") return "";
  const dot = name.lastIndexOf(".");
  const owner = name.slice(0, dot);
  const field = name.slice(dot + 1);
  if (owner === input.typeName) return field;
  const outer = soleFieldOf(input, owner);
  return outer === undefined ? "" : `${outer.name}.${field}`;
}

/** The field that holds a message of that type, where it is the only one that does. */
function soleFieldOf(input: DescMessage, typeName: string): DescField | undefined {
  const [field, ...others] = input.fields.filter(({ message }) => message?.typeName === typeName);
  return others.length === 0 ? field : undefined;
}

/** INVALID_ARGUMENT for 3. */
function nameOf(code: number): string {
  const name = code in Code ? Code[code as Code] : "Unknown";
  if (name === "Canceled") return "CANCELLED";
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
}
