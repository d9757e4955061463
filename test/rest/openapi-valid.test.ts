import { createConnectRouter } from "@connectrpc/connect";
import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, it } from "vitest";
import { ArchiveService } from "../../examples/archive/gen/archive/v1/archive_pb.ts";
import { Operations } from "../../gen/google/longrunning/operations_pb.ts";
import { openApiDocument } from "../../src/rest/openapi/document.ts";
import { createRestHandler } from "../../src/rest/rest-handler.ts";
import { EchoService } from "./gen/echo/v1/echo_pb.ts";

describe("the OpenAPI document", () => {
  it.each([
    ["operations", [Operations]],
    ["an archive with operations", [ArchiveService, Operations]],
    ["every kind of rule", [EchoService, Operations]],
  ])("of %s is valid", async (_, services) => {
    const router = createConnectRouter();
    for (const service of services) router.service(service, {});
    const { bindings } = createRestHandler(router.handlers);
    const document = openApiDocument(bindings, { title: "Test", version: "1", servers: [{ url: "/" }] });
    expect(await new Validator().validate(document)).toEqual({ valid: true });
  });
});
