import type { JsonObject, JsonValue } from "@bufbuild/protobuf";

/** A JSON value as an object; undefined where it is none. */
export function objectOf(json: JsonValue | undefined): JsonObject | undefined {
  return typeof json === "object" && json !== null && !Array.isArray(json) ? json : undefined;
}

/** A JSON value as a string; "" where it is none. */
export function stringOf(json: JsonValue | undefined): string {
  return typeof json === "string" ? json : "";
}

/** A JSON value as a list; [] where it is none. */
export function listOf(json: JsonValue | undefined): JsonValue[] {
  return Array.isArray(json) ? json : [];
}

/** JSON with the keys of all objects in order: two values that mean the same are the same text. */
export function canonicalJson(json: JsonValue | undefined): string {
  return JSON.stringify(json, (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
