import { once } from "node:events";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { until } from "../until.ts";
import { answerOf, callHttp1, callHttp2, connectHttp2, envelope, sendHttp2 } from "./calls.ts";
import { framesOf } from "./frames-of.ts";
import { noise } from "./noise.ts";
import { RUNNING } from "./open-server.ts";
import { closed, GET_OPERATION, Received, rawRequest, WAIT_OPERATION } from "./raw-http.ts";
import { FLAG, FRAME, frame, GREETING, grpcFields, headerBlock } from "./raw-http2.ts";
import { underAttack } from "./under-attack.ts";

const attacked = underAttack();

const NAME = Buffer.concat([Buffer.from([10, RUNNING.length]), Buffer.from(RUNNING)]);
const gzip = { "grpc-encoding": "gzip" };

/** Bodies of gRPC calls, with the code that they get. */
const GRPC_BODIES: readonly (readonly [
  why: string,
  headers: Record<string, string>,
  body: Buffer,
  codes: string[],
])[] = [
  ["that is right", {}, envelope(NAME), ["0"]],
  ["that is compressed", gzip, envelope(gzipSync(NAME), 1), ["0"]],
  ["that is empty", {}, Buffer.alloc(0), ["12"]],
  ["that is cut within its head", {}, envelope(NAME).subarray(0, 3), ["3"]],
  ["that is cut within its message", {}, envelope(NAME).subarray(0, 12), ["3"]],
  ["that says it has 4 GiB", {}, envelope(NAME, 0, 0xffff_ffff), ["8"]],
  ["of two messages", {}, Buffer.concat([envelope(NAME), envelope(NAME)]), ["12"]],
  ["that is said to be compressed, by what nobody says", {}, envelope(gzipSync(NAME), 1), ["13"]],
  ["that is said to be compressed, and is not", gzip, envelope(NAME, 1), ["3"]],
  ["that is compressed by something unknown", { "grpc-encoding": "lzma" }, envelope(NAME, 1), ["12"]],
  ["that is a bomb", gzip, envelope(gzipSync(Buffer.alloc(50_000_000)), 1), ["8"]],
  ["with flags that mean nothing", {}, envelope(NAME, 0x42), ["0", "3", "13"]],
  ["with the flag of trailers", {}, envelope(NAME, 0x80), ["0", "3", "12", "13"]],
  ["with a message of noise", {}, envelope(noise(300, 7)), ["13"]],
  ["with groups within groups", {}, envelope(Buffer.alloc(60_000, 0x13)), ["13"]],
  ["with a deadline of words", { "grpc-timeout": "soon" }, envelope(NAME), ["3"]],
  ["with a deadline without a unit", { "grpc-timeout": "10" }, envelope(NAME), ["3"]],
  ["with a deadline of nine digits", { "grpc-timeout": "123456789S" }, envelope(NAME), ["3"]],
  ["with a deadline in the past", { "grpc-timeout": "-1S" }, envelope(NAME), ["3"]],
];

describe("a gRPC body", () => {
  it.each(GRPC_BODIES)("%s has its code", async (_, headers, body, codes) => {
    const session = connectHttp2(attacked.server.url);
    const { trailers } = await callHttp2(session, { "content-type": "application/grpc", ...headers }, body);
    session.destroy();
    expect(codes).toContain(trailers["grpc-status"]);
  });
});

const GRPC_HEADERS = frame(FRAME.headers, FLAG.endHeaders, 1, headerBlock(grpcFields(GET_OPERATION)));

/** What an HTTP/2 client may send behind its greeting, and should not. */
const FRAMES: readonly (readonly [why: string, bytes: Buffer])[] = [
  ["noise", noise(5_000, 1)],
  ["a frame that is larger than any may be", frame(FRAME.data, 0, 1, Buffer.alloc(20_000))],
  ["data for a stream that does not exist", frame(FRAME.data, FLAG.endStream, 1, Buffer.from("x"))],
  ["a continuation of nothing", frame(FRAME.continuation, FLAG.endHeaders, 1)],
  ["headers of noise", frame(FRAME.headers, FLAG.endHeaders, 1, noise(100, 2))],
  ["headers on stream 0", frame(FRAME.headers, FLAG.endHeaders, 0, headerBlock(grpcFields(GET_OPERATION)))],
  [
    "headers on a stream of the server's",
    frame(FRAME.headers, FLAG.endHeaders, 2, headerBlock(grpcFields("/"))),
  ],
  ["settings of a wrong length", frame(FRAME.settings, 0, 0, Buffer.alloc(5))],
  ["a second preface", GREETING],
  ["HTTP/1.1", Buffer.from(rawRequest())],
  ["goodbye at once", frame(FRAME.goAway, 0, 0, Buffer.alloc(8))],
];

describe("an HTTP/2 connection", () => {
  it.each(FRAMES)("with %s is ended", async (_, bytes) => {
    const socket = attacked.server.connect({ allowHalfOpen: true });
    const received = new Received(socket);
    socket.write(GREETING);
    await received.until(/[\s\S]{9}/);
    socket.write(bytes);
    await until(() => socket.readableEnded || socket.destroyed);
    expect(socket.readableEnded || socket.destroyed).toBe(true);
  });

  it.each([
    ["without a path", { ":path": undefined }],
    ["without an authority", { ":authority": undefined }],
    ["with an authority that is none", { ":authority": "a b" }],
    ["with a field in upper case", { "X-Upper": "x" }],
    ["with a field of HTTP/1", { connection: "close" }],
    ["to connect elsewhere", { ":method": "CONNECT", ":path": undefined, ":scheme": undefined }],
  ])("with a call %s is told so", async (_, change) => {
    const socket = attacked.server.connect();
    const received = new Received(socket);
    const call = frame(
      FRAME.headers,
      FLAG.endHeaders,
      1,
      headerBlock({ ...grpcFields(GET_OPERATION), ...change }),
    );
    socket.write(Buffer.concat([GREETING, call, frame(FRAME.data, FLAG.endStream, 1, Buffer.from("{}"))]));
    await until(() => answeredOrRefused(received.text));
    expect(received.text).not.toContain(RUNNING);
  });

  it.each([
    ["for *", { ":method": "OPTIONS", ":path": "*" }, 404],
    ["for an unknown path", { ":path": "/nope" }, 404],
    ["with GET", { ":method": "GET" }, 405],
    ["with a made-up method", { ":method": "BREW" }, 405],
    ["with a wrong content type", { "content-type": "text/html" }, 415],
    ["with an authority that has no such port", { ":authority": "a:99999" }, 400],
  ])("with a call %s answers it", async (_, change, status) => {
    const session = connectHttp2(attacked.server.url);
    expect((await callHttp2(session, change, "")).status).toBe(status);
    session.destroy();
  });

  it("with a call that is cancelled while it waits forgets it", async () => {
    const session = connectHttp2(attacked.server.url);
    const stream = sendHttp2(session, { ":path": WAIT_OPERATION });
    void answerOf(stream);
    stream.end(JSON.stringify({ name: RUNNING }));
    await until(() => attacked.server.operations.service.waiting === 1);
    stream.close(8);
    await until(() => attacked.server.operations.service.waiting === 0);
    expect(attacked.server.operations.service.waiting).toBe(0);
    session.destroy();
  });

  it("that is reset while a hundred calls wait forgets them all", async () => {
    const session = connectHttp2(attacked.server.url);
    for (let i = 0; i < 100; i++) {
      const stream = sendHttp2(session, { ":path": WAIT_OPERATION });
      void answerOf(stream);
      stream.end(JSON.stringify({ name: RUNNING }));
    }
    await until(() => attacked.server.operations.service.waiting === 100);
    session.destroy();
    await until(() => attacked.server.operations.service.waiting === 0);
    expect(attacked.server.operations.service.waiting).toBe(0);
  });

  it("that is broken off within a request is forgotten", async () => {
    const socket = attacked.server.connect();
    const received = new Received(socket);
    socket.write(
      Buffer.concat([GREETING, GRPC_HEADERS, frame(FRAME.data, 0, 1, envelope(NAME).subarray(0, 9))]),
    );
    await received.until(/[\s\S]{9}/);
    socket.resetAndDestroy();
    await closed(socket);
    expect(socket.destroyed).toBe(true);
  });

  it("with a flood of header fields is refused", async () => {
    const session = connectHttp2(attacked.server.url);
    await callHttp2(session);
    const flood = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`x-${i}`, "x"]));
    expect((await callHttp2(session, flood)).status).toBeUndefined();
    session.destroy();
  });

  it("with headers that never end is cut", async () => {
    const socket = attacked.server.connect();
    const received = new Received(socket);
    socket.write(
      Buffer.concat([GREETING, frame(FRAME.headers, 0, 1, headerBlock(grpcFields(GET_OPERATION)))]),
    );
    const more = frame(FRAME.continuation, 0, 1, headerBlock({ "x-more": "x".repeat(10_000) }));
    for (let i = 0; i < 100; i++) socket.write(more);
    await received.all();
    expect(socket.destroyed).toBe(true);
  });

  it("that opens and resets two thousand streams does not hold up others", async () => {
    const socket = attacked.server.connect();
    socket.resume();
    const block = headerBlock({ ...grpcFields(WAIT_OPERATION), "content-type": "application/json" });
    const cancel = Buffer.from([0, 0, 0, 8]);
    const burst = Array.from({ length: 2_000 }, (_, i) => [
      frame(FRAME.headers, FLAG.endHeaders, 2 * i + 1, block),
      frame(FRAME.data, FLAG.endStream, 2 * i + 1, Buffer.from(JSON.stringify({ name: RUNNING }))),
      frame(FRAME.rstStream, 0, 2 * i + 1, cancel),
    ]);
    socket.write(Buffer.concat([GREETING, ...burst.flat()]));
    await once(socket, "drain").catch(() => {});
    expect((await callHttp1(attacked.server.url)).status).toBe(200);
    socket.destroy();
    await until(() => attacked.server.operations.service.waiting === 0);
  });

  it("that sends a thousand pings and settings does not hold up others", async () => {
    const socket = attacked.server.connect();
    socket.resume();
    const flood = Array.from({ length: 1_000 }, () => [
      frame(FRAME.ping, 0, 0, Buffer.alloc(8)),
      frame(FRAME.settings, 0, 0),
    ]);
    socket.write(Buffer.concat([GREETING, ...flood.flat()]));
    expect((await callHttp1(attacked.server.url)).status).toBe(200);
  });
});

/** Whether the server has said more than its greeting: headers, the end of a stream, or goodbye. */
function answeredOrRefused(text: string): boolean {
  const types = framesOf(Buffer.from(text, "latin1")).map(({ kind }) => kind);
  return [FRAME.headers, FRAME.rstStream, FRAME.goAway].some((type) => types.includes(type));
}
