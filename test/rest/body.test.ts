import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EchoServer, errorIn, openEchoServer, statusAndJson } from "./echo-server.ts";

const JSON_TYPE = { "content-type": "application/json" };

describe("a body of REST", () => {
  let server: EchoServer;

  beforeAll(async () => {
    server = await openEchoServer({ readMaxBytes: 4_096 });
  });

  afterAll(() => server[Symbol.asyncDispose]());

  it.each([
    [
      "POST",
      "/v1/things/a/parts?count=2",
      { name: "p", displayName: "d" },
      { name: "things/a", count: 2, part: { name: "p", displayName: "d" } },
    ],
    [
      "PATCH",
      "/v1/things/a/parts/p?updateMask=kind",
      { kind: "KIND_SMALL" },
      { name: "things/a/parts/p", kind: "KIND_SMALL" },
    ],
    ["PATCH", "/v1/things/a/parts/p", { name: "things/a/parts/p" }, { name: "things/a/parts/p" }],
    [
      "PUT",
      "/v1/things/a",
      { count: 2, parts: [{ name: "x" }], labels: { a: "b" } },
      { name: "things/a", count: 2, parts: [{ name: "x" }], labels: { a: "b" } },
    ],
    [
      "PUT",
      "/v1/things/a",
      { freeForm: { deep: [1, null, { a: true }] } },
      { name: "things/a", freeForm: { deep: [1, null, { a: true }] } },
    ],
    [
      "PUT",
      "/v1/things/a",
      { extra: { "@type": "type.googleapis.com/echo.v1.Part", count: 1 } },
      { name: "things/a", extra: { "@type": "type.googleapis.com/echo.v1.Part", count: 1 } },
    ],
    ["PUT", "/v1/things/a/tags", ["x", "\\ud800", "\ud83d\ude00"], ["x", "\\ud800", "\ud83d\ude00"]],
    ["PUT", "/v1/things/a/tags", [], []],
    ["DELETE", "/v1/things/a?flag=true", undefined, { name: "things/a", flag: true }],
    ["POST", "/v1/things/a:check", {}, { name: "things/a" }],
    ["POST", "/v1/things/a:check", undefined, { name: "things/a" }],
    ["DELETE", "/v1/things/a", {}, { name: "things/a" }],
    ["REPORT", "/v1/things/a", undefined, { name: "things/a" }],
    ["LOCK", "/v1/any-method?flag=true", undefined, { flag: true }],
  ])("%s %s has the body that its rule says", async (method, path, body, answer) => {
    expect(await statusAndJson(await send(method, path, body))).toEqual([200, answer]);
  });

  it.each([
    [
      "PUT",
      "/v1/things/a",
      '{"nme": 1}',
      'cannot decode message echo.v1.Thing from JSON: key "nme" is unknown',
      "nme",
    ],
    [
      "PUT",
      "/v1/things/a",
      '{"parts": [{}, {"cuont": 1}]}',
      'cannot decode message echo.v1.Part from JSON: key "cuont" is unknown',
      "parts[1].cuont",
    ],
    [
      "PUT",
      "/v1/things/a",
      '{"count": "x"}',
      'cannot decode field echo.v1.Thing.count from JSON: expected number (int32), got "x"',
      "count",
    ],
    [
      "PUT",
      "/v1/things/a",
      '{"count": 1, "count": 1}',
      'cannot decode message echo.v1.Thing from JSON: duplicate object key "count"',
      "",
    ],
    [
      "PUT",
      "/v1/things/a",
      '{"name": "things/b"}',
      "name has another value in the body than in the path",
      "name",
    ],
    [
      "PATCH",
      "/v1/things/a/parts/p",
      '{"name": "other"}',
      "part.name has another value in the body than in the path",
      "part.name",
    ],
    ["PUT", "/v1/things/a", "[]", "cannot decode message echo.v1.Thing from JSON: Array(0)", ""],
    ["PUT", "/v1/things/a", "null", "cannot decode message echo.v1.Thing from JSON: null", ""],
    ["PUT", "/v1/things/a", "{", expect.stringMatching(/^the body is no JSON: /), ""],
    [
      "PUT",
      "/v1/things/a",
      '{"tags": ["\\\\ud800", "\\ud83d\\ude00", "\\uDC00"]}',
      "the body has half of a character, which UTF-8 cannot hold",
      "",
    ],
    ["POST", "/v1/things/a/parts", '{}, "name": "x"', expect.stringMatching(/^the body is no JSON: /), ""],
    [
      "POST",
      "/v1/things/a/parts?part.name=x",
      "{}",
      'query parameter "part.name" is in the body',
      "part.name",
    ],
    [
      "PUT",
      "/v1/things/a?count=1",
      "{}",
      'query parameter "count" is not offered, as the body is the whole request',
      "count",
    ],
    ["DELETE", "/v1/things/a", '{"flag": true}', "this method takes no body", ""],
    [
      "PUT",
      "/v1/things/a",
      '{"extra": {"@type": "type.googleapis.com/un.Known"}}',
      expect.stringContaining("UnknownType.value"),
      "extra",
    ],
  ])("%s %s %s is refused, and the field named", async (method, path, body, message, field) => {
    const error = await errorIn(await fetch(`${server.url}${path}`, { method, body, headers: JSON_TYPE }));
    expect(error).toMatchObject({
      code: 400,
      status: "INVALID_ARGUMENT",
      message,
      details: [
        { "@type": "type.googleapis.com/google.rpc.ErrorInfo", domain: "longrunning" },
        {
          "@type": "type.googleapis.com/google.rpc.BadRequest",
          fieldViolations: [field === "" ? {} : { field }],
        },
      ],
    });
  });

  it.each([
    ["nested", `{"freeForm":${'{"a":'.repeat(150)}1${"}".repeat(150)}}`, "maximum recursion depth"],
    ["nested lists", `{"freeForm":{"a":${"[".repeat(1_000)}${"]".repeat(1_000)}}}`, "more than 200 levels"],
    ["nested messages", `${'{"inner":'.repeat(150)}{}${"}".repeat(150)}`, "maximum recursion depth"],
  ])("refuses JSON that is too deep: %s", async (_, body, message) => {
    const response = await fetch(`${server.url}/v1/things/a`, { method: "PUT", body, headers: JSON_TYPE });
    expect(await errorIn(response)).toMatchObject({ code: 400, message: expect.stringContaining(message) });
  });

  it.each([["application/json"], ["application/json; charset=utf-8"], ['Application/JSON;Charset="UTF-8"']])(
    "may be of the type %s",
    async (contentType) => {
      const response = await fetch(`${server.url}/v1/things/a`, {
        method: "PUT",
        body: '{"count":1}',
        headers: { "content-type": contentType },
      });
      expect(await statusAndJson(response)).toEqual([200, { name: "things/a", count: 1 }]);
    },
  );

  it.each([
    ["application/x-www-form-urlencoded"],
    ["text/plain"],
    ["application/jsonp"],
    ["application/json; charset=latin1"],
    ["application/proto"],
  ])("may not be of the type %s", async (contentType) => {
    const response = await fetch(`${server.url}/v1/things/a`, {
      method: "PUT",
      body: "{}",
      headers: { "content-type": contentType },
    });
    expect(await errorIn(response)).toMatchObject({
      code: 415,
      status: "INVALID_ARGUMENT",
      message: `content-type ${JSON.stringify(contentType)} is not offered, only application/json in UTF-8`,
    });
  });

  it("may not have a body without a type, which any page could send", async () => {
    const response = await fetch(`${server.url}/v1/things/a`, { method: "PUT", body: new Blob(["{}"]) });
    expect(response.status).toBe(415);
  });

  it("may be compressed", async () => {
    const response = await sendBytes(gzipSync('{"count":1}'), { "content-encoding": "gzip" });
    expect(await statusAndJson(response)).toEqual([200, { name: "things/a", count: 1 }]);
  });

  it.each([
    ["is no gzip", Buffer.from('{"count":1}'), "gzip", 400],
    ["is cut", gzipSync('{"count":1}').subarray(0, 15), "gzip", 400],
    ["is of another encoding", Buffer.from("{}"), "br", 415],
    ["is too large", Buffer.from(`{"name":"${"x".repeat(4_096)}"}`), "identity", 413],
    ["is too large when it is opened", gzipSync(`{"name":"${"x".repeat(100_000)}"}`), "gzip", 413],
    ["is not UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), "identity", 400],
  ])("is refused where its body %s", async (_, body, encoding, status) => {
    expect((await sendBytes(body, { "content-encoding": encoding })).status).toBe(status);
  });

  it("is refused where a body of unknown length is too large", async () => {
    const body = new ReadableStream({
      pull(controller) {
        controller.enqueue(new Uint8Array(1_000).fill(0x20));
      },
    });
    const request = { method: "PUT", headers: JSON_TYPE, body, duplex: "half" };
    expect((await fetch(`${server.url}/v1/things/a`, request)).status).toBe(413);
  });

  function send(method: string, path: string, body: unknown): Promise<Response> {
    const sent = body === undefined ? {} : { body: JSON.stringify(body), headers: JSON_TYPE };
    return fetch(`${server.url}${path}`, { method, ...sent });
  }

  function sendBytes(body: Uint8Array<ArrayBuffer>, headers: Record<string, string>): Promise<Response> {
    return fetch(`${server.url}/v1/things/a`, { method: "PUT", body, headers: { ...JSON_TYPE, ...headers } });
  }
});
