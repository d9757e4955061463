import {
  create,
  type DescField,
  fromJsonString,
  type JsonValue,
  type Message,
  mergeFromJson,
} from "@bufbuild/protobuf";
import { isReflectMessage, type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { readFromJson } from "../json/read-from-json.ts";
import type { Binding } from "./binding.ts";
import { faultOf } from "./json-fault.ts";
import type { JsonSettings } from "./json-options.ts";
import { invalidBody, invalidValue, type Refusal } from "./refusal.ts";
import { jsonOfFields, type TextField } from "./request-fields.ts";
import { nameOfType } from "./text-value.ts";

/** The request's message: what the body says, and beside it what the path and the query say. */
export function requestMessage(
  binding: Binding,
  ofPath: readonly TextField[],
  ofQuery: readonly TextField[],
  body: string,
  options: JsonSettings,
): Message {
  const message = messageOfBody(binding, body, options);
  const fields = [...ofPath, ...ofQuery];
  if (fields.length === 0) return message;
  if (binding.body !== undefined) refuseOtherValues(binding, message, ofPath);
  return readFields(binding, message, fields);
}

function messageOfBody({ method: { input }, body }: Binding, text: string, options: JsonSettings): Message {
  const trimmed = text.trim();
  if (trimmed === "") return create(input);
  if (body === undefined) {
    // Some clients send an empty object where there is nothing to send.
    if (/^\{\s*\}$/.test(trimmed)) return create(input);
    throw invalidBody("this method takes no body");
  }
  const json = parseJson(text);
  try {
    // Read from text, and not from what is parsed, because only the text shows a key that is there twice.
    const whole = body === "*" ? text : `{${JSON.stringify(body.jsonName)}:${text}}`;
    return readFromJson(input, fromJsonString(input, whole, options), options.registry);
  } catch (cause) {
    const fault = faultOf(input, body === "*" ? json : { [body.jsonName]: json }, options);
    throw invalidBody(fault?.message ?? messageOf(cause), fault?.field);
  }
}

function parseJson(text: string): JsonValue {
  let json: JsonValue;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw invalidBody(`the body is no JSON: ${messageOf(cause)}`);
  }
  if (HALF_ESCAPED.test(text)) refuseHalfCharacters(text);
  return json;
}

/** Half of a UTF-16 pair, escaped: the other half stands beside it, or nowhere. */
const HALF_ESCAPED = /\\u[dD][89a-fA-F]/;

function refuseHalfCharacters(text: string): void {
  JSON.parse(text, (key: string, value: unknown) => {
    const halved = [key, value].find((each) => typeof each === "string" && !each.isWellFormed());
    if (halved !== undefined) throw invalidBody("the body has half of a character, which UTF-8 cannot hold");
    return value;
  });
}

/** Refuses a body that has a field of the path with another value, or another field of its oneof. */
function refuseOtherValues(binding: Binding, message: Message, ofPath: readonly TextField[]): void {
  const { input } = binding.method;
  const path = reflect(input, readFields(binding, create(input), ofPath));
  const body = reflect(input, message);
  for (const { name, fields } of ofPath) {
    const inBody = valueAt(body, fields);
    if (inBody === undefined || isSame(inBody, valueAt(path, fields))) continue;
    throw invalidBody(`${name} has another value in the body than in the path`, name);
  }
}

function readFields(binding: Binding, message: Message, fields: readonly TextField[]): Message {
  try {
    return mergeFromJson(binding.method.input, message, jsonOfFields(fields));
  } catch (cause) {
    throw faultOfFields(binding, fields, cause);
  }
}

/** The refusal of the first field whose text is no value of it. */
function faultOfFields(
  { method: { input } }: Binding,
  fields: readonly TextField[],
  cause: unknown,
): Refusal {
  for (const field of fields) {
    const fault = faultOf(input, jsonOfFields([field]), {});
    const leaf = field.fields.at(-1);
    if (fault === undefined || leaf === undefined) continue;
    return invalidValue(field.name, field.text, `is no ${nameOfType(leaf)}`);
  }
  return invalidBody(messageOf(cause));
}

/** The value of a field; undefined where it is not set, and the other field where its oneof has another. */
function valueAt(message: ReflectMessage, fields: readonly DescField[]): unknown {
  let owner = message;
  for (const field of fields) {
    if (!owner.isSet(field)) return field.oneof && owner.oneofCase(field.oneof);
    const value: unknown = owner.get(field);
    if (!isReflectMessage(value)) return value;
    owner = value;
  }
  return undefined;
}

function isSame(a: unknown, b: unknown): boolean {
  // NaN is itself, bytes are their list, and a 64-bit integer may be a string.
  return b !== undefined && String(a) === String(b);
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
