import {
  type DescMessage,
  fromJson,
  type JsonReadOptions,
  type JsonValue,
  type JsonWriteOptions,
  type MessageShape,
  toJson,
} from "@bufbuild/protobuf";
import type { AnyRegistry } from "./any-registry.ts";
import { readFromJson } from "./read-from-json.ts";
import { shownInJson } from "./shown-in-json.ts";

/**
 * The JSON of a message, as `toJson` writes it; an Any that it could not write is there as
 * `{"@type": <type URL>, "value": <base64>}`.
 */
export function messageToJson<Desc extends DescMessage>(
  desc: Desc,
  message: MessageShape<Desc>,
  registry: AnyRegistry,
  options: Partial<Omit<JsonWriteOptions, "registry">> = {},
): JsonValue {
  const shown = shownInJson(desc, message, registry);
  const json = toJson(desc, shown, { ...options, registry });
  // Only what is shown in another form has strings in it that must be written first.
  return shown === message ? json : JSON.parse(JSON.stringify(json));
}

/** The message of a JSON value, as `fromJson` reads it; an Any of an unknown type may be as `messageToJson` writes it. */
export function messageFromJson<Desc extends DescMessage>(
  desc: Desc,
  json: JsonValue,
  registry: AnyRegistry,
  options: Partial<Omit<JsonReadOptions, "registry">> = {},
): MessageShape<Desc> {
  return readFromJson(desc, fromJson(desc, json, { ...options, registry }), registry);
}
