import { create, type DescMethod, type JsonValue, type Message, toJson } from "@bufbuild/protobuf";
import { messageToJson } from "../json/message-json.ts";
import type { Binding } from "./binding.ts";
import type { JsonSettings } from "./json-options.ts";
import type { AnswerForm } from "./system-parameters.ts";

/** The JSON of a response: all of it, or the field that its rule names. */
export function responseJson(
  { method, responseBody }: Binding,
  response: Message,
  form: AnswerForm,
  options: JsonSettings,
): JsonValue {
  const written = form.enumAsInteger ? { ...options, enumAsInteger: true } : options;
  const json = messageToJson(method.output, response, options.registry, written);
  if (responseBody === undefined) return json;
  const name = written.useProtoFieldName === true ? responseBody.name : responseBody.jsonName;
  return memberOf(json, name) ?? memberOf(emptyJson(method, written), name) ?? null;
}

/** The response with nothing set, and what JSON otherwise leaves out of such a one. */
function emptyJson({ output }: DescMethod, options: JsonSettings): JsonValue {
  return toJson(output, create(output), { ...options, alwaysEmitImplicit: true });
}

function memberOf(json: JsonValue, name: string): JsonValue | undefined {
  return typeof json === "object" && json !== null && !Array.isArray(json) ? json[name] : undefined;
}
