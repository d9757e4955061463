import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answerOf, callHttp2, connectHttp2, sendHttp2 } from "../server/calls.ts";
import { Received } from "../server/raw-http.ts";
import { type EchoServer, openEchoServer } from "./echo-server.ts";

describe("on the wire", () => {
  let server: EchoServer;

  beforeAll(async () => {
    server = await openEchoServer();
  });

  afterAll(() => server[Symbol.asyncDispose]());

  it("HTTP/2 is answered as HTTP/1.1 is", async () => {
    const session = connectHttp2(server.http2Url);
    const headers = { ":method": "PUT", ":path": "/v1/things/a%20b" };
    expect(await callHttp2(session, headers, '{"count":1}')).toEqual({
      ...{ status: 200, text: '{"name":"things/a b","count":1}', trailers: {}, rstCode: 0 },
    });
    session.close();
  });

  it("a stream over HTTP/2 ends with the trailers of its method", async () => {
    const session = connectHttp2(server.http2Url);
    const headers = {
      ":method": "GET",
      ":path": "/v1/things/a:watch?count=1",
      accept: "application/x-ndjson",
    };
    const { text, trailers } = await answerOf(sendHttp2(session, headers));
    session.close();
    expect([text, trailers["x-last-word"]]).toEqual(['{"name":"things/a","count":1}\n', "trailer"]);
  });

  it.each([
    ["/v1/things/a/../b", 421],
    ["/v1/things/..", 200],
    ["/v1/things/a%00b", 200],
    ["/v1/things/caf\u00c3\u00a9", 400],
    ["/v1/things/a#b", 200],
    ["/v1/things/a?name=things/a#b", 400],
    ["/v1/things/%E2%82", 400],
    ["//v1/things/a", 421],
    ["/v1/things/a\\b", 200],
    ["/v1/things/a;x=1", 200],
    ["/v1/things/a?count=1?count=2", 400],
    [`/v1/things/${"%61".repeat(4_000)}`, 200],
    [`/v1/archive${"/a".repeat(6_000)}`, 200],
    [`/v1/everything?${"tags=a&".repeat(2_000)}`, 200],
    [`/v1/everything?${"inner.".repeat(2_000)}count=1`, 400],
  ])("the target %s is answered", async (target, status) => {
    const answer = await sendRaw(`GET ${target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });

  it("two calls of one connection do not mix, where the first one's body is refused unread", async () => {
    const large = "x".repeat(100_000);
    const first = `PUT /v1/things/a HTTP/1.1\r\nHost: h\r\nContent-Type: text/plain\r\nContent-Length: ${large.length}\r\n\r\n${large}`;
    const second = "GET /v1/things/b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    const answers = await sendRaw(first + second);
    expect(answers.match(/HTTP\/1\.1 \d+|"name":"[^"]*"/g)).toEqual([
      "HTTP/1.1 415",
      "HTTP/1.1 200",
      '"name":"things/b"',
    ]);
  });

  async function sendRaw(text: string): Promise<string> {
    const socket = connect(server.port, "127.0.0.1");
    const received = new Received(socket);
    socket.write(text, "latin1");
    return received.all();
  }
});
