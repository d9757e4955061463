import type { JsonObject, JsonValue } from "@bufbuild/protobuf";

/** The same JSON with the type of each Any before its fields, as ProtoJSON's own examples have it. */
export function typeFirst(json: JsonValue): JsonValue {
  if (Array.isArray(json)) return json.map(typeFirst);
  if (typeof json !== "object" || json === null) return json;
  const fields = Object.entries(json).map(([key, value]): [string, JsonValue] => [key, typeFirst(value)]);
  fields.sort(([one], [other]) => Number(other === "@type") - Number(one === "@type"));
  const ordered: JsonObject = Object.fromEntries(fields);
  return ordered;
}
