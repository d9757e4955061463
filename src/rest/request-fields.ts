import type { DescField, JsonObject, JsonValue } from "@bufbuild/protobuf";
import type { Binding } from "./binding.ts";
import { fieldsByName } from "./field-path.ts";
import type { PathValue } from "./path-values.ts";
import type { Parameter } from "./query.ts";
import { invalidParameter, invalidValue } from "./refusal.ts";
import { isTextMessage, jsonOfText, nameOfType } from "./text-value.ts";

/** A field that the path or the query has a value for, and where the request called it so. */
export interface TextField {
  readonly name: string;
  /** The field and those around it, outermost first. */
  readonly fields: readonly DescField[];
  readonly text: string;
  readonly json: JsonValue;
}

/** The fields that the path has. Refuses a text that is no value of its field. */
export function fieldsOfPath(values: readonly PathValue[]): TextField[] {
  return values.map(({ field: { name, fields }, text }) => textField(name, fields, text));
}

/**
 * The fields that the query has. Refuses a parameter that is no field, that the path or the body has, that comes
 * twice, or whose text is no value of its field.
 */
export function fieldsOfQuery(
  binding: Binding,
  parameters: readonly Parameter[],
  ofPath: readonly TextField[],
): TextField[] {
  const seen = new Set<string>();
  const texts = new Map(ofPath.map(({ fields, text }) => [pathOf(fields), text]));
  return parameters.flatMap(([name, value]) => {
    const fields = fieldsOfParameter(binding, name);
    const path = pathOf(fields);
    const inPath = texts.get(path);
    if (inPath !== undefined) {
      if (inPath === value) return [];
      throw invalidParameter(name, "has another value than the path");
    }
    if (seen.has(path) && fields.at(-1)?.fieldKind !== "list")
      throw invalidParameter(name, "is given more than once");
    seen.add(path);
    return [textField(name, fields, value)];
  });
}

/** The path and the query as the JSON of the request. */
export function jsonOfFields(fields: readonly TextField[]): JsonObject {
  const json: JsonObject = {};
  for (const { fields: path, json: value } of fields) {
    let owner = json;
    for (const [i, field] of path.entries()) {
      if (i < path.length - 1) owner = objectIn(owner, field.jsonName);
      else if (field.fieldKind === "list") listIn(owner, field.jsonName).push(value);
      else owner[field.jsonName] = value;
    }
  }
  return json;
}

/** The proto names of a field and of those around it. */
export function pathOf(fields: readonly DescField[]): string {
  return fields.map(({ name }) => name).join(".");
}

/** Whether a parameter's first name is a field of the request. */
export function isRequestField({ method, body }: Binding, name: string): boolean {
  return body !== "*" && fieldsByName(method.input).has(name.split(".", 1)[0] ?? "");
}

function fieldsOfParameter({ method, body }: Binding, name: string): DescField[] {
  if (body === "*") throw invalidParameter(name, "is not offered, as the body is the whole request");
  const fields: DescField[] = [];
  let owner = method.input;
  const names = name.split(".");
  for (const [i, part] of names.entries()) {
    const field = fieldsByName(owner).get(part);
    if (field === undefined) throw invalidParameter(name, `is no field of ${method.input.typeName}`);
    fields.push(field);
    if (i === names.length - 1) break;
    if (field.fieldKind !== "message")
      throw invalidParameter(name, `is no field of ${method.input.typeName}`);
    owner = field.message;
  }
  const [first] = fields;
  if (first === body) throw invalidParameter(name, "is in the body");
  if (first?.oneof !== undefined && first.oneof === body?.oneof) {
    throw invalidParameter(name, `is of the oneof "${first.oneof.name}", as is the body`);
  }
  return fields;
}

function textField(name: string, fields: readonly DescField[], text: string): TextField {
  const leaf = fields.at(-1);
  if (
    leaf === undefined ||
    leaf.fieldKind === "map" ||
    (leaf.fieldKind === "list" && leaf.listKind === "message" && !isTextMessage(leaf.message))
  ) {
    throw invalidParameter(name, "is a map or a repeated message, and may stand in a body only");
  }
  if (leaf.message !== undefined && !isTextMessage(leaf.message)) {
    throw invalidParameter(
      name,
      `is a message, ${leaf.message.typeName}: its fields have parameters of their own`,
    );
  }
  const json = jsonOfText(leaf, text);
  if (json === undefined) throw invalidValue(name, text, `is no ${nameOfType(leaf)}`);
  return { name, fields, text, json };
}

function objectIn(owner: JsonObject, name: string): JsonObject {
  const present = owner[name];
  if (typeof present === "object" && present !== null && !Array.isArray(present)) return present;
  const created: JsonObject = {};
  owner[name] = created;
  return created;
}

function listIn(owner: JsonObject, name: string): JsonValue[] {
  const present = owner[name];
  if (Array.isArray(present)) return present;
  const created: JsonValue[] = [];
  owner[name] = created;
  return created;
}
