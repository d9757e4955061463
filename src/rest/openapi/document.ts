import type { DescMessage, DescMethod, JsonObject } from "@bufbuild/protobuf";
import type { Binding } from "../binding.ts";
import { isTextMessage } from "../text-value.ts";
import { openPathOf } from "./open-path.ts";
import { isRequired, Schemas } from "./schemas.ts";

/** What a document says of the API as a whole. */
export interface OpenApiOptions {
  readonly title: string;
  readonly version: string;
  readonly description?: string | undefined;
  /** Where the API is; where the document is, by default. */
  readonly servers?: readonly { readonly url: string }[] | undefined;
}

/** The HTTP methods that OpenAPI 3.1 knows. */
const HTTP_METHODS = new Set(["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"]);

/**
 * The OpenAPI 3.1 document of what is served by REST. What OpenAPI cannot say is left out: HTTP methods of custom
 * rules, and, of two paths that differ in nothing but `*` and `**`, the second.
 */
export function openApiDocument(bindings: readonly Binding[], options: OpenApiOptions): JsonObject {
  const schemas = new Schemas();
  const ids = new Map<string, DescMethod>();
  const items = new Map<string, { readonly path: string; readonly item: JsonObject }>();
  for (const binding of bindings) {
    if (!HTTP_METHODS.has(binding.httpMethod)) continue;
    const open = openPathOf(binding);
    const { path, item } = items.get(open.shape) ?? { path: open.path, item: {} };
    items.set(open.shape, { path, item });
    const httpMethod = binding.httpMethod.toLowerCase();
    if (item[httpMethod] !== undefined) continue;
    // Paths of one shape are one path, whose parameters have one name each.
    const names = path.match(/(?<=\{)[^}]*(?=\})/g) ?? [];
    const pathParameters = open.parameters.map((parameter, i) => ({ ...parameter, name: names[i] ?? "" }));
    const parameters = [...pathParameters, ...queryParameters(binding, schemas)];
    item[httpMethod] = {
      ...{ operationId: operationId(binding.method, ids), tags: [binding.method.parent.typeName] },
      ...(binding.method.deprecated ? { deprecated: true } : {}),
      ...(parameters.length === 0 ? {} : { parameters }),
      ...requestBody(binding, schemas),
      responses: {
        200: { description: "The answer.", content: answerContent(binding, schemas) },
        default: { $ref: "#/components/responses/Error" },
      },
    };
  }
  const { title, version, description, servers } = options;
  return {
    openapi: "3.1.0",
    info: { title, version, ...(description === undefined ? {} : { description }) },
    ...(servers === undefined ? {} : { servers: servers.map(({ url }) => ({ url })) }),
    tags: [...new Set(bindings.map(({ method }) => method.parent.typeName))].map((name) => ({ name })),
    paths: Object.fromEntries(Array.from(items.values(), ({ path, item }) => [path, item])),
    components: { schemas: { ...schemas.components, Error: ERROR_SCHEMA }, responses: { Error: ERROR } },
  };
}

/** `ThingService_GetThing`, which code generators make a name of; with the package where another has that one. */
function operationId(method: DescMethod, taken: Map<string, DescMethod>): string {
  const { parent, name } = method;
  const short = `${parent.name}_${name}`;
  const wanted =
    (taken.get(short) ?? method) === method ? short : `${parent.typeName.replaceAll(".", "_")}_${name}`;
  let id = wanted;
  for (let count = 2; taken.has(id); count += 1) id = `${wanted}_${count}`;
  taken.set(id, method);
  return id;
}

function queryParameters({ method, body, pathFields }: Binding, schemas: Schemas): JsonObject[] {
  if (body === "*") return [];
  const inPath = new Set(pathFields.map(({ name }) => name));
  const within = (owners: readonly DescMessage[], names: string, path: string): JsonObject[] =>
    (owners.at(-1)?.fields ?? []).flatMap((field): JsonObject[] => {
      const isTop = owners.length === 1;
      if (field.fieldKind === "map" || (isTop && field === body) || inPath.has(path + field.name)) return [];
      const name = names + field.jsonName;
      const { message } = field;
      if (message !== undefined && !isTextMessage(message)) {
        // A message within itself has no end of parameters, and one of google.protobuf is not taken apart.
        const isEndless = owners.includes(message) || message.typeName.startsWith("google.protobuf.");
        if (isEndless || field.fieldKind === "list") return [];
        return within([...owners, message], `${name}.`, `${path}${field.name}.`);
      }
      const required = isTop && isRequired(field) ? { required: true } : {};
      return [{ name, in: "query", ...required, schema: schemas.ofField(field) }];
    });
  return within([method.input], "", "");
}

function requestBody({ method, body }: Binding, schemas: Schemas): JsonObject {
  if (body === undefined) return {};
  const schema = body === "*" ? schemas.ofMessage(method.input) : schemas.ofField(body);
  return { requestBody: { content: { "application/json": { schema } } } };
}

function answerContent({ method, responseBody }: Binding, schemas: Schemas): JsonObject {
  const schema =
    responseBody === undefined ? schemas.ofMessage(method.output) : schemas.ofField(responseBody);
  if (method.methodKind !== "server_streaming") return { "application/json": { schema } };
  return {
    "application/json": { schema: { type: "array", items: schema } },
    "application/x-ndjson": { schema },
    "text/event-stream": { schema },
  };
}

const ERROR: JsonObject = {
  description: "An error (AIP-193).",
  content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
};

const ERROR_SCHEMA: JsonObject = {
  type: "object",
  required: ["error"],
  properties: {
    error: {
      type: "object",
      required: ["code", "status", "message"],
      properties: {
        code: { type: "integer", description: "The HTTP status." },
        status: { type: "string", description: "The name of the google.rpc.Code." },
        message: { type: "string" },
        details: {
          type: "array",
          items: { type: "object", properties: { "@type": { type: "string" } }, required: ["@type"] },
        },
      },
    },
  },
};
