import { once } from "node:events";
import type { Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { callHttp1, callHttp2, connectHttp2, envelope } from "./calls.ts";
import { framesOf } from "./frames-of.ts";
import { type OpenServer, openServer, RUNNING } from "./open-server.ts";
import { closed, GET_OPERATION, HOST, JSON_BODY, Received, rawRequest, statusesIn } from "./raw-http.ts";
import { FLAG, FRAME, frame, GREETING, grpcFields, headerBlock, PREFACE } from "./raw-http2.ts";

const ANSWER = /\{"name":"operations\/running"\}/;

/** A frame's worth of bytes. An HTTP/2 server speaks first, with its SETTINGS. */
const ONE_FRAME = /^[\s\S]{9}/;

describe("one cleartext port", () => {
  it("answers HTTP/2 with prior knowledge", async () => {
    await using server = await openServer();
    const session = connectHttp2(server.url);
    expect((await callHttp2(session)).text).toMatch(ANSWER);
    session.destroy();
  });

  it("answers HTTP/1.1", async () => {
    await using server = await openServer();
    expect(await (await callHttp1(server.url)).text()).toMatch(ANSWER);
  });

  it("answers both at the same time", async () => {
    await using server = await openServer();
    const session = connectHttp2(server.url);
    const calls = Array.from({ length: 50 }, (_, i) =>
      i % 2 === 0 ? callHttp2(session).then(({ text }) => text) : callHttp1(server.url).then((r) => r.text()),
    );
    expect(new Set(await Promise.all(calls))).toEqual(new Set([JSON.stringify({ name: RUNNING })]));
    session.destroy();
  });

  it("answers one call after the other on a connection of HTTP/1.1", async () => {
    await using server = await openServer();
    const socket = server.connect();
    const received = new Received(socket);
    socket.write(rawRequest());
    await received.until(ANSWER);
    socket.write(rawRequest());
    expect(statusesIn(await received.until(ANSWER, 2))).toEqual([200, 200]);
  });

  it("answers calls that are sent all at once on a connection of HTTP/1.1", async () => {
    await using server = await openServer();
    const socket = server.connect();
    const received = new Received(socket);
    socket.write(rawRequest().repeat(20));
    expect(statusesIn(await received.until(ANSWER, 20))).toHaveLength(20);
  });

  it("knows HTTP/2 by a preface that comes byte by byte", async () => {
    await using server = await openServer();
    const socket = server.connect();
    const received = new Received(socket);
    await writeByteByByte(socket, GREETING);
    const [first] = framesOf(Buffer.from(await received.until(ONE_FRAME), "latin1"));
    expect(first?.kind).toBe(FRAME.settings);
  });

  it("knows HTTP/1.1 by a request that comes byte by byte", async () => {
    await using server = await openServer();
    const socket = server.connect();
    const received = new Received(socket);
    await writeByteByByte(socket, Buffer.from(rawRequest()));
    expect(await received.until(ANSWER)).toMatch(ANSWER);
  });

  it.each(["POST", "PUT", "PATCH", "PROPFIND"])(
    "takes %s, which begins as the preface does, for HTTP/1.1",
    async (method) => {
      await using server = await openServer();
      const socket = server.connect();
      const received = new Received(socket);
      await writeByteByByte(socket, Buffer.from(rawRequest({ method })));
      expect(statusesIn(await received.until(/\r\n\r\n/))).toEqual([method === "POST" ? 200 : 405]);
    },
  );

  it("refuses a preface that goes wrong at its last byte", async () => {
    await using server = await openServer();
    const socket = server.connect();
    const received = new Received(socket);
    socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\rX");
    expect(statusesIn(await received.all())).toEqual([400]);
  });

  it("answers frames that come in one packet with the preface", async () => {
    await using server = await openServer();
    const socket = server.connect();
    const received = new Received(socket);
    const block = headerBlock({ ...grpcFields(GET_OPERATION), "content-type": "application/json" });
    const body = Buffer.from(JSON.stringify({ name: RUNNING }));
    const calls = Array.from({ length: 50 }, (_, i) => [
      frame(FRAME.headers, FLAG.endHeaders, 2 * i + 1, block),
      frame(FRAME.data, FLAG.endStream, 2 * i + 1, body),
    ]);
    socket.write(Buffer.concat([GREETING, ...calls.flat()]));
    expect(await received.until(ANSWER, 50)).toMatch(ANSWER);
  });

  it("answers a large body that comes in one packet with the head", async () => {
    await using server = await openServer();
    const socket = server.connect();
    const received = new Received(socket);
    socket.write(rawRequest({ body: JSON.stringify({ ignored: "x".repeat(60_000), name: RUNNING }) }));
    expect(await received.until(ANSWER)).toMatch(ANSWER);
  });

  it("answers a request whose client closes its own half at once", async () => {
    await using server = await openServer();
    const socket = server.connect({ allowHalfOpen: true });
    const received = new Received(socket);
    socket.end(rawRequest());
    expect(await received.until(ANSWER)).toMatch(ANSWER);
  });

  it.each([
    ["says nothing and closes its half", (socket: Socket) => socket.end()],
    ["closes its half within the preface", (socket: Socket) => socket.end(PREFACE.subarray(0, 10))],
    [
      "resets within the preface",
      (socket: Socket) => socket.write(PREFACE.subarray(0, 10), () => socket.resetAndDestroy()),
    ],
  ])("lets go of a client that %s", async (_, leave) => {
    await using server = await openServer();
    const socket = server.connect({ allowHalfOpen: true });
    socket.resume();
    await once(socket, "connect");
    leave(socket);
    await closed(socket);
    expect(await stillAnswers(server)).toBe(true);
  });

  it("ends the session of an HTTP/2 client that closes its half", async () => {
    await using server = await openServer();
    const socket = server.connect({ allowHalfOpen: true });
    const received = new Received(socket);
    socket.write(GREETING);
    await received.until(ONE_FRAME);
    socket.end();
    await closed(socket);
    expect(socket.readableEnded).toBe(true);
  });

  it("answers while hundreds of clients are silent", async () => {
    await using server = await openServer();
    await Promise.all(Array.from({ length: 300 }, () => once(server.connect(), "connect")));
    expect(await stillAnswers(server)).toBe(true);
  });

  it("stops at once though hundreds of clients are silent", async () => {
    await using server = await openServer({ graceMs: 600_000 });
    const silent = Array.from({ length: 300 }, () => server.connect());
    for (const socket of silent) socket.resume();
    await Promise.all(silent.map((socket) => once(socket, "connect")));
    await server.server.close();
    await Promise.all(silent.map(closed));
    expect(silent.every(({ destroyed }) => destroyed)).toBe(true);
  });

  it("takes an upgrade to h2c for a plain request", async () => {
    await using server = await openServer();
    const socket = server.connect();
    const received = new Received(socket);
    const upgrade = ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"];
    socket.write(rawRequest({ headers: [HOST, JSON_BODY, ...upgrade] }));
    expect(statusesIn(await received.until(ANSWER))).toEqual([200]);
  });

  it("answers gRPC frames in one packet with the preface", async () => {
    await using server = await openServer();
    const socket = server.connect();
    const received = new Received(socket);
    // Field 1, the name: 17 bytes.
    const message = Buffer.concat([Buffer.from([10, RUNNING.length]), Buffer.from(RUNNING)]);
    const headers = frame(FRAME.headers, FLAG.endHeaders, 1, headerBlock(grpcFields(GET_OPERATION)));
    socket.write(Buffer.concat([GREETING, headers, frame(FRAME.data, FLAG.endStream, 1, envelope(message))]));
    expect(await received.until(/operations\/running/)).toMatch(/operations\/running/);
  });
});

async function writeByteByByte(socket: Socket, bytes: Buffer): Promise<void> {
  socket.setNoDelay(true);
  await once(socket, "connect");
  for (const byte of bytes) {
    socket.write(Buffer.from([byte]));
    await nextTurn();
  }
}

async function stillAnswers(server: OpenServer): Promise<boolean> {
  return (await callHttp1(server.url)).ok;
}
