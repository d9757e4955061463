import {
  Code,
  ConnectError,
  createContextKey,
  type HandlerContext,
  type Interceptor,
} from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EchoServer, errorIn, openEchoServer } from "./echo-server.ts";
import type { Thing } from "./gen/echo/v1/echo_pb.ts";

const CALLER = createContextKey("nobody");

describe("a method called by REST", () => {
  let server: EchoServer;

  beforeAll(async () => {
    server = await openEchoServer({ connect: { interceptors: [named], requestGate: refuseStrangers } });
  });

  afterAll(() => server[Symbol.asyncDispose]());

  it("sees the headers of the request", async () => {
    await fetch(`${server.url}/v1/things/a`, { headers: { "x-goog-request-params": "name=things%2Fa" } });
    expect(lastContext().requestHeader.get("x-goog-request-params")).toBe("name=things%2Fa");
  });

  it("sees the URL of the request", async () => {
    await fetch(`${server.url}/v1/things/a?flag=true`);
    expect(lastContext().url).toBe(`${server.url}/v1/things/a?flag=true`);
  });

  it("gets what interceptors have found out", async () => {
    await fetch(`${server.url}/v1/things/a`, { headers: { "x-caller": "me" } });
    expect(lastContext().values.get(CALLER)).toBe("me");
  });

  it("sends the headers that it sets", async () => {
    const response = await fetch(`${server.url}/v1/things/a`);
    expect(response.headers.get("x-from-method")).toBe("header");
  });

  it.each([
    ["x-server-timeout", "30", 30_000],
    ["x-server-timeout", "2.5", 2_500],
    ["x-server-timeout", "9999999999", 2 ** 31 - 1],
    ["grpc-timeout", "30S", 30_000],
    ["grpc-timeout", "99999999H", 2 ** 31 - 1],
    ["connect-timeout-ms", "30000", 30_000],
    ["connect-timeout-ms", "9999999999", 2 ** 31 - 1],
  ])("has the deadline of the header %s: %s", async (name, value, timeoutMs) => {
    let left: number | undefined;
    await using open = await openEchoServer({
      connect: {
        requestGate: (context) => {
          left = context.timeoutMs();
        },
      },
    });
    await fetch(`${open.url}/v1/things/a`, { headers: { [name]: value } });
    expect(left).toSatisfy((ms: number) => ms > timeoutMs - 2_000 && ms <= timeoutMs);
  });

  it.each([
    ["x-server-timeout", "soon"],
    ["x-server-timeout", "-1"],
    ["grpc-timeout", "1"],
    ["connect-timeout-ms", "1.5"],
  ])("is not called with the deadline %s: %s", async (name, value) => {
    const response = await fetch(`${server.url}/v1/things/a`, { headers: { [name]: value } });
    expect((await errorIn(response)).message).toBe(`${name} "${value}" is no timeout`);
  });

  it("is not asked about a bad request of a caller whom the gate refuses", async () => {
    const response = await fetch(`${server.url}/v1/everything?unknown=%zz`, {
      headers: { "x-caller": "stranger" },
    });
    expect(await errorIn(response)).toMatchObject({ code: 403, status: "PERMISSION_DENIED" });
  });

  it("has no say in what an unknown path is", () => {
    expect(server.rest.find("GET", "/v2/things/a")).toBeUndefined();
  });

  it.each([
    "/v1/things/",
    "/v1//a",
    "/v1/things",
    "/v1/things/a/",
    "/",
    "//",
    "*",
    "",
    "http://h/v1/things/a",
    "/echo.v1.EchoService/Hidden",
  ])("does not have the path %s", (path) => {
    expect(server.rest.find("GET", path)).toBeUndefined();
  });

  it.each([
    ["PATCH", "/v1/things/a", "DELETE, GET, HEAD, PUT, REPORT"],
    ["POST", "/v1/things/a", "DELETE, GET, HEAD, PUT, REPORT"],
    ["OPTIONS", "/v1/things/a", "DELETE, GET, HEAD, PUT, REPORT"],
    ["GET", "/v1/things/a:check", "POST"],
    ["DELETE", "/v1/things/a:check", "POST"],
    ["HEAD", "/v1/things/a:check", "POST"],
    ["POST", "/v1/things/a:watch", "GET, HEAD"],
    ["get", "/v1/things/a", "DELETE, GET, HEAD, PUT, REPORT"],
  ])("does not answer %s %s, and says what it does answer", async (method, path, allow) => {
    const find = server.rest.find(method, path);
    const response = await find?.({
      httpVersion: "1.1",
      ...{ url: `http://host${path}`, method, header: new Headers(), body: null },
      signal: new AbortController().signal,
    });
    expect([response?.status, response?.header?.get("allow")]).toEqual([405, allow]);
  });

  it("is not there for a path that nobody serves", async () => {
    const { status, body } = await server.rest.notServed("/v2/x?key=secret")({
      ...{ httpVersion: "1.1", url: "http://host/v2/x", method: "GET", header: new Headers(), body: null },
      signal: new AbortController().signal,
    });
    let text = "";
    for await (const chunk of body ?? []) text += Buffer.from(chunk).toString();
    expect([status, JSON.parse(text)]).toEqual([
      404,
      {
        error: {
          ...{ code: 404, status: "NOT_FOUND", message: 'path "/v2/x" is not served' },
          details: [
            {
              "@type": "type.googleapis.com/google.rpc.ErrorInfo",
              ...{ reason: "PATH_NOT_SERVED", domain: "longrunning", metadata: { path: "/v2/x" } },
            },
          ],
        },
      },
    ]);
  });

  it("answers HEAD as GET, without a body", async () => {
    const [get, head] = await Promise.all(
      ["GET", "HEAD"].map((method) => fetch(`${server.url}/v1/things/a`, { method })),
    );
    expect([head?.status, head?.headers.get("content-length"), await head?.text()]).toEqual([
      200,
      get?.headers.get("content-length"),
      "",
    ]);
  });

  it("compresses a long answer for a client that takes it", async () => {
    const response = await fetch(`${server.url}/v1/things/${"a".repeat(2_000)}`, {
      headers: { "accept-encoding": "br, gzip;q=0.5" },
    });
    expect([
      response.headers.get("content-encoding"),
      ((await response.json()) as Thing).name.length,
    ]).toEqual(["gzip", 2_007]);
  });

  it.each(["gzip;q=0", "br", "identity", ""])(
    "does not compress for a client that accepts %j",
    async (accepted) => {
      const response = await fetch(`${server.url}/v1/things/${"a".repeat(2_000)}`, {
        headers: { "accept-encoding": accepted },
      });
      expect(response.headers.get("content-encoding")).toBeNull();
    },
  );

  it("writes enums as numbers where it is asked to", async () => {
    const response = await fetch(`${server.url}/v1/everything?kind=KIND_SMALL&$alt=json%3Benum-encoding=int`);
    expect(await response.text()).toBe('{"kind":2}');
  });

  it("writes on several lines where it is asked to", async () => {
    const response = await fetch(`${server.url}/v1/everything?flag=true&$prettyPrint=1`);
    expect(await response.text()).toBe('{\n  "flag": true\n}');
  });

  it("answers in a type that no browser takes for another, and that no cache keeps", async () => {
    const { headers } = await fetch(`${server.url}/v1/things/a`);
    expect(
      ["content-type", "x-content-type-options", "cache-control"].map((name) => headers.get(name)),
    ).toEqual(["application/json", "nosniff", "no-store"]);
  });

  function lastContext(): HandlerContext {
    const call = server.calls.at(-1);
    if (call === undefined) throw new TypeError("nothing was called");
    return call.context;
  }
});

const named: Interceptor = (next) => (request) => {
  request.contextValues.set(CALLER, request.header.get("x-caller") ?? "nobody");
  return next(request);
};

function refuseStrangers({ requestHeader }: HandlerContext): void {
  if (requestHeader.get("x-caller") === "stranger") throw new ConnectError("go away", Code.PermissionDenied);
}
