import { once } from "node:events";
import { create } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EchoServer, errorIn, openEchoServer } from "./echo-server.ts";
import { EchoService, ThingSchema } from "./gen/echo/v1/echo_pb.ts";
import { openRestServer } from "./open-rest-server.ts";

const BROKEN = '{"error":{"code":500,"message":"the stream broke","status":"DATA_LOSS","details":[]}}';

describe("a stream by REST", () => {
  let server: EchoServer;

  beforeAll(async () => {
    server = await openEchoServer();
  });

  afterAll(() => server[Symbol.asyncDispose]());

  it.each([
    [undefined, "application/json", '[{"name":"things/a","count":1},\n{"name":"things/a","count":2}]\n'],
    ["*/*", "application/json", '[{"name":"things/a","count":1},\n{"name":"things/a","count":2}]\n'],
    [
      "application/x-ndjson",
      "application/x-ndjson",
      '{"name":"things/a","count":1}\n{"name":"things/a","count":2}\n',
    ],
    [
      "application/jsonl",
      "application/x-ndjson",
      '{"name":"things/a","count":1}\n{"name":"things/a","count":2}\n',
    ],
    [
      "text/html, text/event-stream;q=0.9",
      "text/event-stream",
      'data: {"name":"things/a","count":1}\n\ndata: {"name":"things/a","count":2}\n\n',
    ],
  ])("is for %s of the type %s", async (accept, contentType, text) => {
    const headers: HeadersInit = accept === undefined ? {} : { accept };
    const response = await fetch(`${server.url}/v1/things/a:watch?count=2`, { headers });
    expect([response.headers.get("content-type"), await response.text()]).toEqual([contentType, text]);
  });

  it("is of events where the query says so", async () => {
    const response = await fetch(`${server.url}/v1/things/a:watch?count=1&$alt=sse`);
    expect(await response.text()).toBe('data: {"name":"things/a","count":1}\n\n');
  });

  it.each([
    [undefined, "[]\n"],
    ["application/x-ndjson", ""],
    ["text/event-stream", ""],
  ])("may be empty, for %s", async (accept, text) => {
    const headers: HeadersInit = accept === undefined ? {} : { accept };
    expect(await (await fetch(`${server.url}/v1/things/a:watch`, { headers })).text()).toBe(text);
  });

  it.each([
    [undefined, `[{"name":"things/failing","count":1},\n${BROKEN}]\n`],
    ["application/x-ndjson", `{"name":"things/failing","count":1}\n${BROKEN}\n`],
    ["text/event-stream", `data: {"name":"things/failing","count":1}\n\ndata: ${BROKEN}\n\n`],
  ])("ends with its error, for %s", async (accept, text) => {
    const headers: HeadersInit = accept === undefined ? {} : { accept };
    const response = await fetch(`${server.url}/v1/things/failing:watch?count=1`, { headers });
    expect([response.status, await response.text()]).toEqual([200, text]);
  });

  it("is an error where it fails before its first message", async () => {
    const response = await fetch(`${server.url}/v1/things/failing:watch`);
    expect(await errorIn(response)).toMatchObject({ code: 500, status: "DATA_LOSS" });
  });

  it("is an error where the request is wrong", async () => {
    const response = await fetch(`${server.url}/v1/things/a:watch?count=many`);
    expect(await errorIn(response)).toMatchObject({ code: 400, message: 'count "many" is no int32' });
  });

  it("has the headers of its method", async () => {
    const response = await fetch(`${server.url}/v1/things/a:watch?count=1`);
    expect(response.headers.get("x-from-method")).toBe("header");
  });

  it("sends each message when there is one, and stops when its client has gone", async () => {
    const ended = Promise.withResolvers<string>();
    await using open = await openRestServer({
      routes: (router) =>
        router.service(EchoService, {
          async *watchThing(thing, { signal }) {
            try {
              yield create(ThingSchema, { name: thing.name });
              await once(signal, "abort");
            } finally {
              ended.resolve("the method has ended");
            }
          },
        }),
    });
    const leave = new AbortController();
    const response = await fetch(`${open.url}/v1/things/a:watch`, { signal: leave.signal });
    const { value } = (await response.body?.getReader().read()) ?? {};
    expect(new TextDecoder().decode(value)).toBe('[{"name":"things/a"}');
    leave.abort();
    expect(await ended.promise).toBe("the method has ended");
  });
});
