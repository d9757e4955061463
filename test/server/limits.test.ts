import { once } from "node:events";
import { type Client, Code, createClient } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { describe, expect, it } from "vitest";
import { Operations } from "../../gen/google/longrunning/operations_pb.ts";
import { until } from "../until.ts";
import { answerOf, callHttp1, callHttp2, connectHttp2, sendHttp2 } from "./calls.ts";
import { type OpenServer, openServer, RUNNING } from "./open-server.ts";
import {
  GET_OPERATION,
  HOST,
  JSON_BODY,
  Received,
  rawRequest,
  statusesIn,
  WAIT_OPERATION,
} from "./raw-http.ts";

/** The clients that send a body in one piece, each over one connection that it keeps. */
const CLIENTS: readonly (readonly [name: string, open: (baseUrl: string) => Client<typeof Operations>])[] = [
  ["gRPC over HTTP/2", (baseUrl) => createClient(Operations, createGrpcTransport({ baseUrl }))],
  [
    "gRPC-Web over HTTP/1.1",
    (baseUrl) => createClient(Operations, createGrpcWebTransport({ baseUrl, httpVersion: "1.1" })),
  ],
  [
    "Connect over HTTP/2",
    (baseUrl) => createClient(Operations, createConnectTransport({ baseUrl, httpVersion: "2" })),
  ],
  [
    "Connect over HTTP/1.1",
    (baseUrl) => createClient(Operations, createConnectTransport({ baseUrl, httpVersion: "1.1" })),
  ],
];

describe.each(CLIENTS)("a message over %s", (_, open) => {
  it("that is too large is refused", async () => {
    await using server = await openServer({ readMaxBytes: 1_000 });
    const call = open(server.url).getOperation({ name: "x".repeat(1_001) });
    await expect(call).rejects.toMatchObject({ code: Code.ResourceExhausted });
  });

  it("that is as large as may be is read", async () => {
    await using server = await openServer({ readMaxBytes: 1_000 });
    const call = open(server.url).getOperation({ name: `operations/${"x".repeat(900)}` });
    await expect(call).rejects.toMatchObject({ code: Code.NotFound });
  });

  it("that is far too large does not spoil the connection", async () => {
    await using server = await openServer();
    const client = open(server.url);
    for (let i = 0; i < 4; i++) {
      await client.getOperation({ name: "x".repeat(5_000_000) }).catch(() => {});
    }
    expect((await client.getOperation({ name: RUNNING })).name).toBe(RUNNING);
  });
});

describe("a body that nobody asked for", () => {
  it("is read and forgotten over HTTP/2", async () => {
    await using server = await openServer();
    const session = connectHttp2(server.url);
    const refused = Array.from({ length: 40 }, (_, i) =>
      callHttp2(
        session,
        { ":path": i % 2 === 0 ? "/unknown" : GET_OPERATION, "content-type": "text/plain" },
        Buffer.alloc(100_000),
      ),
    );
    const codes = new Set((await Promise.all(refused)).map(({ rstCode }) => rstCode));
    expect(codes).toEqual(new Set([0]));
    session.destroy();
  });

  it("is answered in full over HTTP/1.1, though its length was not announced", async () => {
    await using server = await openServer({ readMaxBytes: 1_000 });
    const socket = server.connect();
    const received = new Received(socket);
    const chunk = `${(2_000_000).toString(16)}\r\n${"x".repeat(2_000_000)}\r\n0\r\n\r\n`;
    socket.write(
      `POST ${GET_OPERATION} HTTP/1.1\r\n${HOST}\r\n${JSON_BODY}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    socket.write(chunk + rawRequest());
    expect(statusesIn(await received.until(/HTTP/, 2))).toEqual([429, 200]);
  });
});

describe("a header", () => {
  it("that is too large is refused over HTTP/1.1", async () => {
    await using server = await openServer({ maxHeaderBytes: 4_096 });
    const socket = server.connect();
    socket.write(rawRequest({ headers: [HOST, JSON_BODY, `X-Large: ${"x".repeat(5_000)}`] }));
    expect(statusesIn(await new Received(socket).all())).toEqual([431]);
  });

  it("that is too large is refused over HTTP/2", async () => {
    await using server = await openServer({ maxHeaderBytes: 4_096 });
    const session = connectHttp2(server.url);
    await callHttp2(session);
    expect((await callHttp2(session, { "x-large": "x".repeat(5_000) })).status).toBeUndefined();
    session.destroy();
  });

  it("of an ordinary size is taken", async () => {
    await using server = await openServer();
    expect((await callHttp1(server.url, { "x-large": "x".repeat(12_000) })).status).toBe(200);
  });
});

describe("the streams of one HTTP/2 connection", () => {
  it("are announced to be limited", async () => {
    await using server = await openServer({ maxConcurrentStreams: 7 });
    const session = connectHttp2(server.url);
    const [settings] = await once(session, "remoteSettings");
    expect(settings.maxConcurrentStreams).toBe(7);
    session.destroy();
  });

  it("are limited to 1,000 by default", async () => {
    await using server = await openServer();
    const session = connectHttp2(server.url);
    const [settings] = await once(session, "remoteSettings");
    expect(settings.maxConcurrentStreams).toBe(1_000);
    session.destroy();
  });

  it("wait their turn beyond the limit", async () => {
    await using server = await openServer({ maxConcurrentStreams: 2 });
    const session = connectHttp2(server.url);
    await once(session, "remoteSettings");
    const waiting = waitInStreams(session, 3);
    await until(() => server.operations.service.waiting === 2);
    waiting[0]?.close();
    await until(() => waiting.filter(({ pending }) => !pending).length === 3);
    expect(await waitersOf(server, 2)).toBe(2);
    session.destroy();
  });
});

function waitInStreams(session: ReturnType<typeof connectHttp2>, count: number) {
  return Array.from({ length: count }, () => {
    const stream = sendHttp2(session, { ":path": WAIT_OPERATION });
    void answerOf(stream);
    stream.end(JSON.stringify({ name: RUNNING }));
    return stream;
  });
}

/** How many calls wait, once so many do. */
async function waitersOf({ operations }: OpenServer, count: number): Promise<number> {
  await until(() => operations.service.waiting === count);
  return operations.service.waiting;
}
