import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EchoServer, errorIn, openEchoServer, statusAndJson } from "./echo-server.ts";

describe("a query of REST", () => {
  let server: EchoServer;

  beforeAll(async () => {
    server = await openEchoServer();
  });

  afterAll(() => server[Symbol.asyncDispose]());

  it.each([
    ["count=5", { count: 5 }],
    ["unsignedCount=4294967295", { unsignedCount: 4294967295 }],
    ["unsigned_count=4294967295", { unsignedCount: 4294967295 }],
    ["part.display_name=a", { part: { displayName: "a" } }],
    ["part.displayName=a+b%2Bc", { part: { displayName: "a b+c" } }],
    ["tags=b&tags=a&tags=", { tags: ["b", "a", ""] }],
    ["kinds=KIND_LARGE&kinds=2&kinds=0", { kinds: ["KIND_LARGE", "KIND_SMALL", "KIND_UNSPECIFIED"] }],
    ["numbers=9007199254740993", { numbers: ["9007199254740993"] }],
    ["flags=true&flags=false", { flags: [true, false] }],
    ["data=%2B%2F8", { data: "+/8=" }],
    ["data=+/8=", { data: "+/8=" }],
    ["data=-_8", { data: "+/8=" }],
    ["createTime=2026-01-02T03:04:05.006Z", { createTime: "2026-01-02T03:04:05.006Z" }],
    ["createTime=2026-01-02T05:04:05%2B02:00", { createTime: "2026-01-02T03:04:05Z" }],
    ["timeToLive=1.500s", { timeToLive: "1.500s" }],
    ["updateMask=part.displayName,kind", { updateMask: "part.displayName,kind" }],
    ["maybeText=", { maybeText: "" }],
    ["maybeFlag=false", { maybeFlag: false }],
    ["maybeBig=9007199254740993", { maybeBig: "9007199254740993" }],
    ["maybeData=_w", { maybeData: "/w==" }],
    ["optionalCount=0", { optionalCount: 0 }],
    ["other=0", { other: 0 }],
    ["third.count=3&third.name=x", { third: { count: 3, name: "x" } }],
    [
      "times=2026-01-01T00:00:00Z&times=2026-01-02T00:00:00Z",
      { times: ["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"] },
    ],
    ["inner.inner.part.kind=1", { inner: { inner: { part: { kind: "KIND_LARGE" } } } }],
    ["ratio=-Infinity", { ratio: "-Infinity" }],
    ["huge=18446744073709551615", { huge: "18446744073709551615" }],
    ["count=", undefined],
    ["&&count=5&", { count: 5 }],
    ["name=x&count=5", { name: "x", count: 5 }],
  ])("%s", async (query, thing) => {
    const answer = await get(`/v1/everything?${query}`);
    expect(answer).toEqual(thing === undefined ? [400, expect.anything()] : [200, thing]);
  });

  it.each([
    ["unknown=1", 'query parameter "unknown" is no field of echo.v1.Thing'],
    ["part.unknown=1", 'query parameter "part.unknown" is no field of echo.v1.Thing'],
    ["name.length=1", 'query parameter "name.length" is no field of echo.v1.Thing'],
    ["tags.0=1", 'query parameter "tags.0" is no field of echo.v1.Thing'],
    ["=1", 'query parameter "" is no field of echo.v1.Thing'],
    ["__proto__=1", 'query parameter "__proto__" is no field of echo.v1.Thing'],
    ["constructor.name=1", 'query parameter "constructor.name" is no field of echo.v1.Thing'],
    ["labels=1", 'query parameter "labels" is a map or a repeated message, and may stand in a body only'],
    ["parts=1", 'query parameter "parts" is a map or a repeated message, and may stand in a body only'],
    ["parts.name=1", 'query parameter "parts.name" is no field of echo.v1.Thing'],
    ["part=1", 'query parameter "part" is a message, echo.v1.Part: its fields have parameters of their own'],
    ["count=1&count=1", 'query parameter "count" is given more than once'],
    ["createTime=a&create_time=b", 'query parameter "create_time" is given more than once'],
    ["count=1e99", 'count "1e99" is no int32'],
    ["count=%205", 'count " 5" is no int32'],
    ["kind=LARGE", 'kind "LARGE" is no echo.v1.Kind'],
    ["createTime=yesterday", 'createTime "yesterday" is no google.protobuf.Timestamp'],
    ["timeToLive=1", 'timeToLive "1" is no google.protobuf.Duration'],
    ["maybeFlag=1", 'maybeFlag "1" is no google.protobuf.BoolValue'],
    ["one=a&other=1", expect.stringContaining("oneof set multiple times")],
    ["count=%zz", 'the query has "count=%zz", which is no percent-encoding of UTF-8'],
    ["%ff=1", 'the query has "%ff=1", which is no percent-encoding of UTF-8'],
    ["alt=proto", 'query parameter "alt" asks for "proto", and only json and sse are offered'],
    ["inner.".repeat(200).slice(0, -1), expect.stringContaining("is a message, echo.v1.Thing")],
    [`${"inner.".repeat(200)}count=1`, expect.stringContaining("is no int32")],
  ])("refuses %s", async (query, message) => {
    expect(await refusal(`/v1/everything?${query}`)).toEqual([400, message]);
  });

  it("may repeat a field of its path", async () => {
    expect(await get("/v1/things/a?name=things/a")).toEqual([200, { name: "things/a" }]);
  });

  it("may not contradict its path", async () => {
    expect(await refusal("/v1/things/a?name=things/b")).toEqual([
      400,
      'query parameter "name" has another value than the path',
    ]);
  });

  it.each([
    "$alt=json",
    "$alt=json%3Benum-encoding=int",
    "alt=json",
    "$prettyPrint=0",
    "prettyPrint=true",
    "$fields=name",
    "fields=name",
    "key=secret",
    "access_token=secret",
    "$.xgafv=2",
    "callback=f",
    "quotaUser=me&upload_protocol=raw&uploadType=media&oauth_token=x",
    "",
    "&",
  ])("may have the system parameters %s", async (query) => {
    expect(await get(`/v1/things/a?${query}`)).toEqual([200, { name: "things/a" }]);
  });

  async function get(path: string): Promise<[number, unknown]> {
    return statusAndJson(await fetch(`${server.url}${path}`));
  }

  async function refusal(path: string): Promise<[number, string]> {
    const response = await fetch(`${server.url}${path}`);
    return [response.status, (await errorIn(response)).message];
  }
});
