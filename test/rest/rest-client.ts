import {
  type DescField,
  type DescMessage,
  type JsonObject,
  type JsonValue,
  type Message,
  toJson,
} from "@bufbuild/protobuf";
import { isReflectMessage, type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import type { Binding } from "../../src/rest/binding.ts";
import { isTextMessage } from "../../src/rest/text-value.ts";

/** A request as a client sends it. */
export interface ClientRequest {
  readonly httpMethod: string;
  readonly target: string;
  readonly body: string | undefined;
}

/** The request that google/api/http.proto says a client sends for a message. `protoNames` calls its query by them. */
export function requestOf(binding: Binding, message: Message, protoNames: boolean): ClientRequest {
  const { input } = binding.method;
  const inPath = new Set(binding.pathFields.map(({ name }) => name));
  const root = reflect(input, message);
  const query = binding.body === "*" ? [] : parametersOf(root, inPath, protoNames, binding.body);
  const httpMethod = binding.httpMethod === "*" ? "PROPFIND" : binding.httpMethod;
  const search = query.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
  const target = pathOf(binding, root) + (search === "" ? "" : `?${search}`);
  if (binding.body === undefined) return { httpMethod, target, body: undefined };
  const json = withoutPath(binding, toJson(input, message), inPath);
  if (binding.body === "*") return { httpMethod, target, body: JSON.stringify(json) };
  const body = json[binding.body.jsonName];
  return { httpMethod, target, body: body === undefined ? undefined : JSON.stringify(body) };
}

function pathOf({ template, pathFields }: Binding, root: ReflectMessage): string {
  const parts: string[] = [];
  for (let i = 0; i < template.segments.length; ) {
    const field = pathFields.find(({ start }) => start === i);
    const segment = template.segments[i];
    if (field === undefined) {
      if (segment?.kind !== "literal") throw new TypeError("a wildcard outside a variable");
      parts.push(encodeURIComponent(segment.text));
      i += 1;
      continue;
    }
    const text = textOf(valueAt(root, field.fields));
    parts.push(field.single ? encodeStrictly(text) : text.split("/").map(encodeStrictly).join("/"));
    i = field.end;
  }
  return `/${parts.filter((part) => part !== "").join("/")}${template.verb === undefined ? "" : `:${template.verb}`}`;
}

/** All but unreserved characters are encoded. */
function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
}

function parametersOf(
  owner: ReflectMessage,
  inPath: ReadonlySet<string>,
  protoNames: boolean,
  body?: DescField,
  prefix = "",
  path = "",
): (readonly [name: string, value: string])[] {
  return owner.fields.flatMap((field) => {
    if (!owner.isSet(field) || field === body || inPath.has(path + field.name)) return [];
    const name = prefix + (protoNames ? field.name : field.jsonName);
    if (field.fieldKind === "message" && !isTextMessage(field.message)) {
      const value: unknown = owner.get(field);
      if (!isReflectMessage(value)) throw new TypeError("no message");
      return parametersOf(value, inPath, protoNames, undefined, `${name}.`, `${path}${field.name}.`);
    }
    const json = memberOf(toJson(owner.desc, owner.message), field.jsonName);
    const values = Array.isArray(json) ? json : [json];
    return values.map((value) => [name, String(value)] as const);
  });
}

function withoutPath({ method }: Binding, json: JsonValue, inPath: ReadonlySet<string>): JsonObject {
  const walk = (value: JsonValue, desc: DescMessage, path: string): JsonObject => {
    const kept: JsonObject = {};
    for (const field of desc.fields) {
      const member = memberOf(value, field.jsonName);
      const name = path + field.name;
      if (member === undefined || inPath.has(name)) continue;
      kept[field.jsonName] =
        field.fieldKind === "message" && [...inPath].some((each) => each.startsWith(`${name}.`))
          ? walk(member, field.message, `${name}.`)
          : member;
    }
    return kept;
  };
  return walk(json, method.input, "");
}

function memberOf(json: JsonValue, name: string): JsonValue | undefined {
  return typeof json === "object" && json !== null && !Array.isArray(json) ? json[name] : undefined;
}

function valueAt(root: ReflectMessage, fields: readonly DescField[]): JsonValue {
  let json: JsonValue | undefined = toJson(root.desc, root.message, { alwaysEmitImplicit: true });
  for (const { jsonName } of fields) json = json === undefined ? undefined : memberOf(json, jsonName);
  return json ?? "";
}

function textOf(json: JsonValue): string {
  return String(json);
}
