import { Code, createClient } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { EchoService } from "../rest/gen/echo/v1/echo_pb.ts";
import { protocols } from "../service/protocols.ts";
import { errorInfosOf, refusalOf } from "../service/refusal.ts";
import { openServer } from "./open-server.ts";

const PATH = "/echo.v1.EchoService/GetThing";

describe.each(protocols)("a service that is not served, over $name", ({ connect }) => {
  it("is UNIMPLEMENTED", async () => {
    await using server = await openServer();
    expect((await refusedBy(server.url, connect)).code).toBe(Code.Unimplemented);
  });

  it("is told by its path", async () => {
    await using server = await openServer();
    expect((await refusedBy(server.url, connect)).rawMessage).toBe(`path "${PATH}" is not served`);
  });

  it("has an ErrorInfo", async () => {
    await using server = await openServer({ create: { errorDomain: "reports.example.com" } });
    const infos = errorInfosOf(await refusedBy(server.url, connect));
    expect(infos).toMatchObject([
      { reason: "PATH_NOT_SERVED", domain: "reports.example.com", metadata: { path: PATH } },
    ]);
  });

  it("has none where errors are not completed", async () => {
    await using server = await openServer({ create: { completeErrors: false } });
    expect((await refusedBy(server.url, connect)).details).toEqual([]);
  });
});

describe("a path that is not served", () => {
  it.each(["application/grpc", "application/grpc+proto", "application/grpc-web+json"])(
    "is told as gRPC tells it to a client that sends %s",
    async (contentType) => {
      await using server = await openServer();
      const { status, headers } = await post(server.url, { "content-type": contentType });
      expect([status, headers.get("content-type"), headers.get("grpc-status")]).toEqual([
        ...[200, contentType, "12"],
      ]);
    },
  );

  it.each([
    { "content-type": "application/proto" },
    { "content-type": "application/connect+json" },
    { "content-type": "application/json", "connect-protocol-version": "1" },
  ])("is told as Connect tells it to a client that sends %s", async (headers) => {
    await using server = await openServer();
    const response = await post(server.url, headers);
    const keys = Object.keys(await response.json());
    expect([response.status, keys]).toEqual([404, ["code", "message", "details"]]);
  });

  it.each(["application/json", "text/html", "application/grpcx"])(
    "is told as Connect and as REST tell it to a client that sends %s",
    async (contentType) => {
      await using server = await openServer();
      const response = await post(server.url, { "content-type": contentType });
      expect(await response.json()).toMatchObject({
        code: "unimplemented",
        error: { code: 404, status: "NOT_FOUND", details: [{ reason: "PATH_NOT_SERVED" }] },
      });
    },
  );
});

async function refusedBy(url: string, connect: (typeof protocols)[number]["connect"]) {
  using connection = connect(url);
  return await refusalOf(createClient(EchoService, connection.transport).getThing({}));
}

function post(url: string, headers: Record<string, string>): Promise<Response> {
  return fetch(`${url}${PATH}`, { method: "POST", headers, body: "{}" });
}
