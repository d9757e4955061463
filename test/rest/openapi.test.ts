import type { JsonValue } from "@bufbuild/protobuf";
import { createConnectRouter } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { Operations } from "../../gen/google/longrunning/operations_pb.ts";
import { openApiDocument } from "../../src/rest/openapi/document.ts";
import { createRestHandler } from "../../src/rest/rest-handler.ts";
import { EchoService } from "./gen/echo/v1/echo_pb.ts";

describe("the OpenAPI document", () => {
  const document = openApiDocument(
    createRestHandler(createConnectRouter().service(EchoService, {}).service(Operations, {}).handlers)
      .bindings,
    { title: "Echo", version: "1" },
  );

  it("has every path, and every HTTP method that OpenAPI knows", () => {
    const paths = Object.entries(at("paths") ?? {}).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method} ${path}`),
    );
    expect(paths).toEqual([
      "get /v1/things/{thing}",
      "put /v1/things/{thing}",
      "delete /v1/things/{thing}",
      "get /v1/archive/{name}",
      "get /v1/things/{name}/parts/{part.count}",
      "patch /v1/things/{name}/parts/{part.count}",
      "get /v1/by-kind/{kind}/{flag}/{data}/{ratio}/{big}",
      "get /v1/everything",
      "post /v1/everything",
      "post /v1/things/{thing}/parts",
      "put /v1/things/{thing}/tags",
      "post /v1/things/{thing}:check",
      "get /v1/things/{thing}:watch",
      "get /v1/fail/{code}",
      "get /v1/operations",
      "get /v1/operations/{operation}",
      "delete /v1/operations/{operation}",
      "post /v1/operations/{operation}:cancel",
    ]);
  });

  it("gives every operation an ID of its own", () => {
    const ids = Object.values(at("paths") ?? {}).flatMap((item) =>
      Object.values(item as Record<string, { operationId: string }>).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each([
    ["name", { type: "string" }],
    ["big", { type: "string", format: "int64" }],
    ["data", { type: "string", contentEncoding: "base64" }],
    ["kind", { $ref: "#/components/schemas/echo.v1.Kind" }],
    ["tags", { type: "array", items: { type: "string" } }],
    ["labels", { type: "object", additionalProperties: { type: "string" } }],
    ["parts", { type: "array", items: { $ref: "#/components/schemas/echo.v1.Part" } }],
    ["inner", { $ref: "#/components/schemas/echo.v1.Thing" }],
    ["createTime", { type: "string", format: "date-time" }],
    ["maybeText", { type: ["string", "null"] }],
  ])("writes the field %s as JSON has it", (name, schema) => {
    expect(at("components", "schemas", "echo.v1.Thing", "properties", name)).toEqual(schema);
  });

  it("takes the fields that neither the path nor the body has from the query", () => {
    const parameters = at("paths", "/v1/operations", "get", "parameters");
    expect(parameters).toEqual([
      { name: "filter", in: "query", schema: { type: "string" } },
      { name: "pageSize", in: "query", schema: { type: "integer", format: "int32" } },
      { name: "pageToken", in: "query", schema: { type: "string" } },
      { name: "returnPartialSuccess", in: "query", schema: { type: "boolean" } },
    ]);
  });

  it("has no parameters beside a body that is the whole request", () => {
    expect(at("paths", "/v1/things/{thing}:check", "post", "parameters")).toEqual([
      {
        ...{ name: "thing", in: "path", required: true, description: "A part of the field name." },
        schema: { type: "string" },
      },
    ]);
  });

  it("says what an error is", () => {
    expect(at("paths", "/v1/operations", "get", "responses", "default")).toEqual({
      $ref: "#/components/responses/Error",
    });
  });

  it("answers a stream in each of its forms", () => {
    const content = at("paths", "/v1/things/{thing}:watch", "get", "responses", "200", "content");
    expect(Object.keys(content ?? {})).toEqual([
      "application/json",
      "application/x-ndjson",
      "text/event-stream",
    ]);
  });

  function at(...path: readonly string[]): JsonValue | undefined {
    let value: JsonValue | undefined = document;
    for (const name of path) {
      value = typeof value === "object" && value !== null && !Array.isArray(value) ? value[name] : undefined;
    }
    return value;
  }
});
