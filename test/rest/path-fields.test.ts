import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EchoServer, errorIn, openEchoServer, statusAndJson } from "./echo-server.ts";

describe("a path of REST", () => {
  let server: EchoServer;

  beforeAll(async () => {
    server = await openEchoServer();
  });

  afterAll(() => server[Symbol.asyncDispose]());

  it.each([
    ["/v1/things/a", { name: "things/a" }],
    ["/v1/things/a%20b%C3%BC", { name: "things/a bü" }],
    ["/v1/things/a%2Fb", { name: "things/a%2Fb" }],
    ["/v1/things/a%2fb", { name: "things/a%2fb" }],
    ["/v1/things/a:b", { name: "things/a:b" }],
    ["/v1/things/a+b", { name: "things/a+b" }],
    ["/v1/archive/a/b/c", { name: "archive/a/b/c" }],
    ["/v1/archive/a%2Fb/c%25", { name: "archive/a%2Fb/c%" }],
    ["/v1/archive", { name: "archive" }],
    ["/v1/things/a%2Fb/parts/7", { name: "a/b", part: { count: 7 } }],
    ["/v1/th%69ngs/a", { name: "things/a" }],
    [
      "/v1/by-kind/KIND_LARGE/true/_-8%3D/-1.5e3/-9223372036854775808",
      { kind: "KIND_LARGE", flag: true, data: "/+8=", ratio: -1500, big: "-9223372036854775808" },
    ],
    ["/v1/by-kind/2/false/AA/NaN/0", { kind: "KIND_SMALL", data: "AA==", ratio: "NaN" }],
  ])("%s", async (path, thing) => {
    expect(await get(path)).toEqual([200, thing]);
  });

  it.each([
    ["/v1/by-kind/KIND_HUGE/true/AA/1/1", 'kind "KIND_HUGE" is no echo.v1.Kind'],
    ["/v1/by-kind/1/TRUE/AA/1/1", 'flag "TRUE" is no bool'],
    ["/v1/by-kind/1/true/A!/1/1", 'data "A!" is no bytes'],
    ["/v1/by-kind/1/true/AA/0x10/1", 'ratio "0x10" is no double'],
    ["/v1/by-kind/1/true/AA/1/9223372036854775808", 'big "9223372036854775808" is no sint64'],
    ["/v1/things/a/parts/2147483648", 'part.count "2147483648" is no int32'],
    ["/v1/things/a/parts/1.5", 'part.count "1.5" is no int32'],
  ])("refuses %s", async (path, message) => {
    expect(await refusal(path)).toEqual([400, message]);
  });

  it.each(["/v1/things/%", "/v1/things/%zz", "/v1/things/%ff", "/v1/archive/a/%2", "/v1/things/%C3"])(
    "refuses the encoding of %s",
    async (path) => {
      expect((await refusal(path))[1]).toMatch(/^the path has ".*", which is no percent-encoding of UTF-8$/);
    },
  );

  async function get(path: string): Promise<[number, unknown]> {
    return statusAndJson(await fetch(`${server.url}${path}`));
  }

  async function refusal(path: string): Promise<[number, string]> {
    const response = await fetch(`${server.url}${path}`);
    return [response.status, (await errorIn(response)).message];
  }
});
