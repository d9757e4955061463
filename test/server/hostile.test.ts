import { once } from "node:events";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { answerOf, callHttp1, callHttp2, connectHttp2, envelope, sendHttp2 } from "./calls.ts";
import { type OpenServer, openServer, RUNNING } from "./open-server.ts";
import {
  closed,
  GET_OPERATION,
  HOST,
  JSON_BODY,
  type RawRequest,
  Received,
  rawRequest,
  statusesIn,
  WAIT_OPERATION,
} from "./raw-http.ts";
import { FLAG, FRAME, frame, frameTypesIn, GREETING, grpcFields, headerBlock } from "./raw-http2.ts";
import { until } from "./until.ts";

let server: OpenServer;
const faults: unknown[] = [];
const note = (fault: unknown) => void faults.push(fault);

beforeEach(async () => {
  faults.length = 0;
  process.on("uncaughtException", note).on("unhandledRejection", note);
  server = await openServer({ graceMs: 100 });
});

/** Whatever was done to the server: it answers, nothing escaped, and nothing was logged as its own fault. */
afterEach(async () => {
  const answered = (await callHttp1(server.url)).status;
  const { logged } = server;
  await server[Symbol.asyncDispose]();
  process.off("uncaughtException", note).off("unhandledRejection", note);
  expect({ answered, faults, logged }).toEqual({ answered: 200, faults: [], logged: [] });
});

const NO_GRPC = { headers: [HOST, "Content-Type: text/html"] };

/** Requests of HTTP/1, with the answer that they get. */
const REQUESTS: readonly (readonly [why: string, request: RawRequest, status: number])[] = [
  ["without a Host", { headers: [JSON_BODY] }, 400],
  ["with an empty Host", { headers: ["Host:", JSON_BODY] }, 400],
  ["with a Host of two words", { headers: ["Host: a b", JSON_BODY] }, 400],
  ["with half an IPv6 address for a Host", { headers: ["Host: [::", JSON_BODY] }, 400],
  ["with a port out of range", { headers: ["Host: a:99999", JSON_BODY] }, 400],
  ["with an unknown host", { headers: ["Host: example.com", JSON_BODY] }, 200],
  ["of HTTP/1.0", { version: "HTTP/1.0" }, 200],
  ["of HTTP/1.0 without a Host", { version: "HTTP/1.0", headers: [JSON_BODY] }, 400],
  ["of HTTP/3.7", { version: "HTTP/3.7" }, 400],
  ["for *", { method: "OPTIONS", target: "*", body: "" }, 404],
  ["for a target that is an address", { target: `http://127.0.0.1${GET_OPERATION}` }, 404],
  ["for a target that is no address", { target: "http://[" }, 404],
  ["for a target with a fragment", { target: `${GET_OPERATION}#a` }, 404],
  ["for a target with a broken escape", { target: `${GET_OPERATION}?a=%zz` }, 200],
  ["for a target with two slashes", { target: `/${GET_OPERATION}` }, 404],
  ["for an unknown method of a known service", { target: "/google.longrunning.Operations/Nope" }, 404],
  ["for an unknown service", { target: "/no.Such/Get" }, 404],
  ["for the root", { target: "/" }, 404],
  ["for a path out of the root", { target: "/../../etc/passwd" }, 404],
  ["with GET", { method: "GET", body: "" }, 405],
  ["with PUT", { method: "PUT" }, 405],
  ["with DELETE", { method: "DELETE", body: "" }, 405],
  ["with PURGE", { method: "PURGE", body: "" }, 405],
  ["with HEAD", { method: "HEAD", body: "" }, 405],
  ["with TRACE", { method: "TRACE", body: "" }, 405],
  ["with a made-up method", { method: "BREW" }, 400],
  ["without a content type", { headers: [HOST] }, 415],
  ["with a wrong content type", NO_GRPC, 415],
  ["with a content type of nonsense", { headers: [HOST, "Content-Type: ;;;=/,"] }, 415],
  [
    "with gRPC-Web in base64, which is not offered",
    { headers: [HOST, "Content-Type: application/grpc-web-text"] },
    415,
  ],
  ["with an unknown compression", { headers: [HOST, JSON_BODY, "Content-Encoding: br"] }, 501],
  ["that only says that it is compressed", { headers: [HOST, JSON_BODY, "Content-Encoding: gzip"] }, 400],
  ["with a body that is no JSON", { body: "{" }, 400],
  ["with a body that is not the message", { body: "7" }, 400],
  ["with a body that is no UTF-8", { body: '{"name":"\u00ff\u00fe"}', length: 13 }, 400],
  ["without a body", { body: "" }, 400],
  [
    "with JSON that is nested a hundred thousand times",
    { body: `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}` },
    400,
  ],
  ["with a length below zero", { length: -1 }, 400],
  ["with a length that is none", { length: "many" }, 400],
  ["with two lengths", { headers: [HOST, JSON_BODY, "Content-Length: 3"] }, 400],
  ["with a length and chunks", { headers: [HOST, JSON_BODY, "Transfer-Encoding: chunked"] }, 400],
  ["with an expectation that nobody meets", { headers: [HOST, JSON_BODY, "Expect: magic"] }, 417],
  [
    "with a flood of headers",
    { headers: [HOST, JSON_BODY, ...Array.from({ length: 900 }, (_, i) => `H${i}: ${i}`)] },
    200,
  ],
  ["with a deadline of words", { headers: [HOST, JSON_BODY, "Connect-Timeout-Ms: soon"] }, 400],
  ["with a deadline in the past", { headers: [HOST, JSON_BODY, "Connect-Timeout-Ms: -1"] }, 400],
  [
    "with a deadline of eleven digits",
    { headers: [HOST, JSON_BODY, "Connect-Timeout-Ms: 12345678901"] },
    400,
  ],
];

describe("a request of HTTP/1", () => {
  it.each(REQUESTS)("%s has its answer", async (_, request, status) => {
    const socket = server.connect();
    const received = new Received(socket);
    socket.write(rawRequest(request), "latin1");
    expect(statusesIn(await received.until(/\r\n\r\n/))[0]).toBe(status);
  });

  it("to connect elsewhere is not answered", async () => {
    const socket = server.connect();
    const received = new Received(socket);
    socket.write("CONNECT example.com:80 HTTP/1.1\r\nHost: example.com\r\n\r\n");
    expect(await received.all()).toBe("");
  });

  it("that is shorter than its length is not answered", async () => {
    const socket = server.connect({ allowHalfOpen: true });
    const received = new Received(socket);
    socket.end(rawRequest({ length: 1_000 }));
    expect(statusesIn(await received.all())).not.toContain(200);
  });

  it("that is longer than its length spoils the connection alone", async () => {
    const socket = server.connect();
    const received = new Received(socket);
    socket.write(rawRequest({ length: 5 }));
    expect(statusesIn(await received.all()).at(-1)).toBe(400);
  });

  it("of random bytes is refused", async () => {
    const sockets = Array.from({ length: 50 }, () => server.connect());
    const answers = sockets.map((socket, i) => {
      const received = new Received(socket);
      socket.end(noise(500, i));
      return received.all();
    });
    expect((await Promise.all(answers)).flatMap(statusesIn)).not.toContain(200);
  });

  it("may be reset in the middle", async () => {
    const socket = server.connect();
    socket.write(rawRequest({ length: 1_000 }));
    await callHttp1(server.url);
    socket.resetAndDestroy();
    await closed(socket);
    expect(socket.destroyed).toBe(true);
  });

  it.each([
    ["closed", (socket: ReturnType<OpenServer["connect"]>) => socket.destroy()],
    ["reset", (socket: ReturnType<OpenServer["connect"]>) => socket.resetAndDestroy()],
  ])("may be %s while it waits", async (_, leave) => {
    const socket = server.connect();
    socket.write(rawRequest({ target: WAIT_OPERATION }));
    await until(() => server.operations.service.waiting === 1);
    leave(socket);
    await until(() => server.operations.service.waiting === 0);
    expect(server.operations.service.waiting).toBe(0);
  });
});

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
  ["with groups within groups", {}, envelope(Buffer.alloc(1_000_000, 0x13)), ["13"]],
  ["with a deadline of words", { "grpc-timeout": "soon" }, envelope(NAME), ["3"]],
  ["with a deadline without a unit", { "grpc-timeout": "10" }, envelope(NAME), ["3"]],
  ["with a deadline of nine digits", { "grpc-timeout": "123456789S" }, envelope(NAME), ["3"]],
  ["with a deadline in the past", { "grpc-timeout": "-1S" }, envelope(NAME), ["3"]],
];

describe("a gRPC body", () => {
  it.each(GRPC_BODIES)("%s has its code", async (_, headers, body, codes) => {
    const session = connectHttp2(server.url);
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
    const socket = server.connect({ allowHalfOpen: true });
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
    const socket = server.connect();
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
    const session = connectHttp2(server.url);
    expect((await callHttp2(session, change, "")).status).toBe(status);
    session.destroy();
  });

  it("with a call that is cancelled while it waits forgets it", async () => {
    const session = connectHttp2(server.url);
    const stream = sendHttp2(session, { ":path": WAIT_OPERATION });
    void answerOf(stream);
    stream.end(JSON.stringify({ name: RUNNING }));
    await until(() => server.operations.service.waiting === 1);
    stream.close(8);
    await until(() => server.operations.service.waiting === 0);
    expect(server.operations.service.waiting).toBe(0);
    session.destroy();
  });

  it("that is reset while a hundred calls wait forgets them all", async () => {
    const session = connectHttp2(server.url);
    for (let i = 0; i < 100; i++) {
      const stream = sendHttp2(session, { ":path": WAIT_OPERATION });
      void answerOf(stream);
      stream.end(JSON.stringify({ name: RUNNING }));
    }
    await until(() => server.operations.service.waiting === 100);
    session.destroy();
    await until(() => server.operations.service.waiting === 0);
    expect(server.operations.service.waiting).toBe(0);
  });

  it("that is broken off within a request is forgotten", async () => {
    const socket = server.connect();
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
    const session = connectHttp2(server.url);
    await callHttp2(session);
    const flood = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`x-${i}`, "x"]));
    expect((await callHttp2(session, flood)).status).toBeUndefined();
    session.destroy();
  });

  it("with headers that never end is cut", async () => {
    const socket = server.connect();
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
    const socket = server.connect();
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
    expect((await callHttp1(server.url)).status).toBe(200);
    socket.destroy();
    await until(() => server.operations.service.waiting === 0);
  });

  it("that sends a thousand pings and settings does not hold up others", async () => {
    const socket = server.connect();
    socket.resume();
    const flood = Array.from({ length: 1_000 }, () => [
      frame(FRAME.ping, 0, 0, Buffer.alloc(8)),
      frame(FRAME.settings, 0, 0),
    ]);
    socket.write(Buffer.concat([GREETING, ...flood.flat()]));
    expect((await callHttp1(server.url)).status).toBe(200);
  });
});

/** Whether the server has said more than its greeting: headers, the end of a stream, or goodbye. */
function answeredOrRefused(text: string): boolean {
  const types = frameTypesIn(Buffer.from(text, "latin1"));
  return [FRAME.headers, FRAME.rstStream, FRAME.goAway].some((type) => types.includes(type));
}

/** Bytes without sense, the same for the same seed (xorshift). */
function noise(length: number, seed: number): Buffer {
  let state = 2_463_534_242 + seed * 7_919;
  return Buffer.from(
    Array.from({ length }, () => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return state & 0xff;
    }),
  );
}
