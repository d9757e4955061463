import {
  type DescField,
  type DescMessage,
  fromJson,
  type JsonObject,
  type JsonValue,
} from "@bufbuild/protobuf";
import { hasCustomJsonRepresentation } from "@bufbuild/protobuf/wkt";
import { fieldsByName } from "./field-path.ts";
import type { JsonOptions } from "./json-options.ts";

/** Where JSON is not that of a message, and why. */
export interface JsonFault {
  /** The field, with the fields around it and its place in lists: `book.pages[3].text`. "" for the whole. */
  readonly field: string;
  readonly message: string;
}

/** So deep a fault is looked for. Each level reads what lies below it once more. */
const DEEPEST = 8;

/** Where the JSON of a message is wrong, as exactly as can be told; undefined where it is right. */
export function faultOf(
  message: DescMessage,
  json: JsonValue,
  options: JsonOptions,
  depth = 0,
): JsonFault | undefined {
  const whole = faultOfWhole(message, json, options);
  // The members of a google.protobuf.Any or Struct are no fields.
  if (whole === undefined || depth === DEEPEST || hasCustomJsonRepresentation(message) || !isObject(json)) {
    return whole;
  }
  for (const [key, value] of Object.entries(json)) {
    const part = faultOfWhole(message, { [key]: value }, options);
    if (part === undefined) continue;
    const field = fieldsByName(message).get(key);
    const inner = field === undefined ? undefined : faultWithin(field, value, options, depth + 1);
    const name = field?.name ?? key;
    return inner === undefined
      ? { field: name, message: part.message }
      : { field: `${name}${inner.field}`, message: inner.message };
  }
  return whole;
}

/** The fault in a message that a field holds. Its field starts with a dot or a bracket. */
function faultWithin(
  field: DescField,
  json: JsonValue,
  options: JsonOptions,
  depth: number,
): JsonFault | undefined {
  if (field.message === undefined) return undefined;
  const values = field.fieldKind === "message" ? [["", json] as const] : entriesOf(json);
  for (const [place, value] of values) {
    const fault = faultOf(field.message, value, options, depth);
    if (fault === undefined) continue;
    return { field: fault.field === "" ? place : `${place}.${fault.field}`, message: fault.message };
  }
  return undefined;
}

function entriesOf(json: JsonValue): (readonly [place: string, value: JsonValue])[] {
  if (Array.isArray(json)) return json.map((value, i) => [`[${i}]`, value]);
  return isObject(json)
    ? Object.entries(json).map(([key, value]) => [`[${JSON.stringify(key)}]`, value])
    : [];
}

function faultOfWhole(message: DescMessage, json: JsonValue, options: JsonOptions): JsonFault | undefined {
  try {
    fromJson(message, json, options);
    return undefined;
  } catch (cause) {
    return { field: "", message: cause instanceof Error ? cause.message : String(cause) };
  }
}

function isObject(json: JsonValue): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}
