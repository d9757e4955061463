import { once } from "node:events";
import { constants } from "node:http2";
import { describe, expect, it } from "vitest";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { answerOf, callHttp2, connectHttp2, sendHttp2 } from "../server/calls.ts";
import type { SeenFrame } from "../server/frames-of.ts";
import { openServer, RUNNING, TLS } from "../server/open-server.ts";
import { GET_OPERATION, WAIT_OPERATION } from "../server/raw-http.ts";
import { FLAG, FRAME, frame, grpcFields, headerBlock } from "../server/raw-http2.ts";
import { until } from "../until.ts";
import {
  call,
  headers,
  INITIAL_WINDOW_SIZE,
  keepLarge,
  list,
  message,
  reset,
  settingsFrame,
  uint32,
  WINDOW_UPDATE,
  Wire,
  windowUpdate,
} from "./wire.ts";

const PRIORITY = 2;
const PUSH_PROMISE = 5;
const PADDED = 8;
const { NGHTTP2_PROTOCOL_ERROR: PROTOCOL_ERROR, NGHTTP2_FLOW_CONTROL_ERROR: FLOW_CONTROL_ERROR } = constants;
const { NGHTTP2_FRAME_SIZE_ERROR: FRAME_SIZE_ERROR, NGHTTP2_STREAM_CLOSED: STREAM_CLOSED } = constants;
const { NGHTTP2_COMPRESSION_ERROR: COMPRESSION_ERROR, NGHTTP2_ENHANCE_YOUR_CALM: CALM } = constants;
const { NGHTTP2_REFUSED_STREAM: REFUSED } = constants;

/** The length that the envelope of gRPC announces, with its head. */
function wholeLength(body: Buffer): number {
  return 5 + body.readUInt32BE(1);
}

describe("a connection is ended with", () => {
  const DONE = call(1);
  it.each<[what: string, code: number, frames: Buffer[]]>([
    ["a frame before SETTINGS", PROTOCOL_ERROR, []],
    ["DATA on stream 0", PROTOCOL_ERROR, [frame(FRAME.data, 0, 0)]],
    ["DATA on a stream that has not begun", PROTOCOL_ERROR, [frame(FRAME.data, 0, 1)]],
    ["DATA on a stream of the server's", PROTOCOL_ERROR, [DONE, frame(FRAME.data, 0, 2)]],
    ["DATA behind the end of a stream", STREAM_CLOSED, [DONE, frame(FRAME.data, 0, 1)]],
    [
      "DATA with more padding than there is",
      PROTOCOL_ERROR,
      [headers(1), frame(0, PADDED, 1, uint32(0x04000000))],
    ],
    ["padded DATA of nothing", PROTOCOL_ERROR, [headers(1), frame(FRAME.data, PADDED, 1, Buffer.from([1]))]],
    ["HEADERS on stream 0", PROTOCOL_ERROR, [headers(0)]],
    ["HEADERS on a stream of the server's", PROTOCOL_ERROR, [headers(2)]],
    ["HEADERS behind the end of a stream", STREAM_CLOSED, [DONE, headers(1)]],
    ["HEADERS of a stream before the last", STREAM_CLOSED, [call(5), headers(3)]],
    [
      "HEADERS with more padding than there is",
      PROTOCOL_ERROR,
      [frame(FRAME.headers, 4 | PADDED, 1, Buffer.from([9, 0x82]))],
    ],
    [
      "HEADERS of a stream that depends on itself",
      PROTOCOL_ERROR,
      [frame(FRAME.headers, 4 | 32, 1, Buffer.from([0, 0, 0, 1, 5, 0x82]))],
    ],
    ["a header block that is none", COMPRESSION_ERROR, [frame(FRAME.headers, 4, 1, Buffer.from([0x80]))]],
    [
      "another frame within a header block",
      PROTOCOL_ERROR,
      [headers(1, { flags: 0 }), frame(FRAME.ping, 0, 0, Buffer.alloc(8))],
    ],
    [
      "a header block of another stream within one",
      PROTOCOL_ERROR,
      [headers(1, { flags: 0 }), frame(FRAME.continuation, 4, 3)],
    ],
    ["CONTINUATION of nothing", PROTOCOL_ERROR, [frame(FRAME.continuation, 4, 1)]],
    [
      "CONTINUATION without end",
      CALM,
      [headers(1, { flags: 0 }), ...Array.from({ length: 9 }, () => frame(FRAME.continuation, 0, 1))],
    ],
    ["PRIORITY on stream 0", PROTOCOL_ERROR, [frame(PRIORITY, 0, 0, Buffer.alloc(5))]],
    ["PRIORITY of another size", FRAME_SIZE_ERROR, [frame(PRIORITY, 0, 1, Buffer.alloc(4))]],
    ["PRIORITY of a stream on itself", PROTOCOL_ERROR, [frame(PRIORITY, 0, 1, Buffer.from([0, 0, 0, 1, 5]))]],
    ["RST_STREAM on stream 0", PROTOCOL_ERROR, [reset(0)]],
    ["RST_STREAM on a stream that has not begun", PROTOCOL_ERROR, [reset(1)]],
    [
      "RST_STREAM of another size",
      FRAME_SIZE_ERROR,
      [headers(1), frame(FRAME.rstStream, 0, 1, Buffer.alloc(5))],
    ],
    ["SETTINGS on a stream", PROTOCOL_ERROR, [frame(FRAME.settings, 0, 1)]],
    ["SETTINGS of another size", FRAME_SIZE_ERROR, [frame(FRAME.settings, 0, 0, Buffer.alloc(7))]],
    [
      "SETTINGS that are acknowledged with some",
      FRAME_SIZE_ERROR,
      [frame(FRAME.settings, FLAG.ack, 0, Buffer.alloc(6))],
    ],
    ["SETTINGS that ask for half a push", PROTOCOL_ERROR, [settingsFrame([[2, 2]])]],
    [
      "SETTINGS with a window beyond all",
      FLOW_CONTROL_ERROR,
      [settingsFrame([[INITIAL_WINDOW_SIZE, 2 ** 31]])],
    ],
    ["SETTINGS with frames too small", PROTOCOL_ERROR, [settingsFrame([[5, 16_383]])]],
    ["SETTINGS with frames too large", PROTOCOL_ERROR, [settingsFrame([[5, 2 ** 24]])]],
    ["PUSH_PROMISE", PROTOCOL_ERROR, [frame(PUSH_PROMISE, 4, 1, uint32(2))]],
    ["PING on a stream", PROTOCOL_ERROR, [frame(FRAME.ping, 0, 1, Buffer.alloc(8))]],
    ["PING of another size", FRAME_SIZE_ERROR, [frame(FRAME.ping, 0, 0, Buffer.alloc(7))]],
    ["GOAWAY on a stream", PROTOCOL_ERROR, [frame(FRAME.goAway, 0, 1, Buffer.alloc(8))]],
    ["GOAWAY of another size", FRAME_SIZE_ERROR, [frame(FRAME.goAway, 0, 0, Buffer.alloc(7))]],
    ["WINDOW_UPDATE by nothing", PROTOCOL_ERROR, [windowUpdate(0, 0)]],
    ["WINDOW_UPDATE of another size", FRAME_SIZE_ERROR, [frame(WINDOW_UPDATE, 0, 0, Buffer.alloc(3))]],
    ["WINDOW_UPDATE on a stream that has not begun", PROTOCOL_ERROR, [windowUpdate(1, 1)]],
    ["WINDOW_UPDATE beyond all", FLOW_CONTROL_ERROR, [windowUpdate(0, 2 ** 31 - 1)]],
    ["a frame too large", FRAME_SIZE_ERROR, [frame(FRAME.data, 0, 1, Buffer.alloc(16_385))]],
  ])("%s", async (what, code, frames) => {
    await using server = await openServer();
    const socket = server.connect();
    if (what === "a frame before SETTINGS") {
      socket.write(Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), headers(1)]));
      let bytes = "";
      socket.on("data", (chunk: Buffer) => {
        bytes += chunk.toString("hex");
      });
      await once(socket, "close");
      expect(bytes).toContain("0700000000");
      return;
    }
    const wire = new Wire(socket);
    // A stream that is over is over before more is said of it.
    const [first, ...rest] = frames;
    if (first === DONE && rest.length > 0) {
      wire.send(first);
      await wire.over(1);
      wire.send(...rest);
    } else wire.send(...frames);
    expect(await wire.goodbye()).toBe(code);
  });
});

describe("a connection goes on behind", () => {
  it.each<[what: string, frames: Buffer[]]>([
    ["a frame of a kind that nobody knows", [frame(0xfa, 0xff, 0, Buffer.alloc(100))]],
    ["a setting that nobody knows", [settingsFrame([[0xfafa, 7]])]],
    ["PRIORITY", [frame(PRIORITY, 0, 7, Buffer.alloc(5))]],
    [
      "headers with padding and priority",
      [frame(FRAME.headers, 4 | 1 | PADDED | 32, 1, Buffer.from([2, 0, 0, 0, 0, 9, 0x82, 0, 0]))],
    ],
    ["RST_STREAM of a stream that is over", [call(1), reset(1)]],
    ["WINDOW_UPDATE of a stream that is over", [call(1), reset(1), windowUpdate(1, 1)]],
    [
      "trailers of a request",
      [
        headers(1),
        frame(FRAME.data, 0, 1, message()),
        frame(FRAME.headers, 5, 1, headerBlock({ "x-a": "b" })),
      ],
    ],
    [
      "data that is cut, and padded",
      [
        headers(1),
        frame(
          FRAME.data,
          PADDED,
          1,
          Buffer.concat([Buffer.from([3]), message().subarray(0, 4), Buffer.alloc(3)]),
        ),
      ],
    ],
    [
      "data of a stream that was reset here",
      [headers(1, { fields: { "x-a": "ä" } }), frame(FRAME.data, FLAG.endStream, 1, message())],
    ],
  ])("%s", async (_, frames) => {
    await using server = await openServer();
    const wire = new Wire(server.connect());
    wire.send(...frames, call(9));
    expect(await wire.over(9)).toBeUndefined();
  });

  it("a whole preface that comes byte by byte", async () => {
    await using server = await openServer();
    const socket = server.connect();
    const greeting = Buffer.concat([
      Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
      settingsFrame([]),
      call(1),
    ]);
    socket.setNoDelay(true);
    let bytes = "";
    socket.on("data", (chunk: Buffer) => {
      bytes += chunk.toString("latin1");
    });
    for (const byte of greeting) {
      socket.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => bytes.includes("grpc-status"));
    expect(bytes).toContain(RUNNING);
  });
});

describe("a stream is reset with", () => {
  it("REFUSED_STREAM where there are too many", async () => {
    await using server = await openServer({ maxConcurrentStreams: 2 });
    const wire = new Wire(server.connect());
    const wait = { path: WAIT_OPERATION };
    wire.send(call(1, wait), call(3, wait), call(5, wait));
    expect(await wire.over(5)).toBe(REFUSED);
  });

  it("PROTOCOL_ERROR where trailers do not end it", async () => {
    await using server = await openServer();
    const wire = new Wire(server.connect());
    wire.send(headers(1), frame(FRAME.headers, 4, 1, headerBlock({ "x-a": "b" })));
    expect(await wire.over(1)).toBe(PROTOCOL_ERROR);
  });

  it("PROTOCOL_ERROR where trailers have a field of the request's own", async () => {
    await using server = await openServer();
    const wire = new Wire(server.connect());
    wire.send(headers(1), frame(FRAME.headers, 5, 1, headerBlock({ ":path": "/" })));
    expect(await wire.over(1)).toBe(PROTOCOL_ERROR);
  });

  it.each([
    ["less", -1],
    ["more", 1],
  ])("PROTOCOL_ERROR where %s than the body was announced", async (_, more) => {
    await using server = await openServer();
    const wire = new Wire(server.connect());
    wire.send(call(1, { fields: { "content-length": String(message().byteLength + more) } }), call(3));
    expect([await wire.over(1), await wire.over(3)]).toEqual([PROTOCOL_ERROR, undefined]);
  });

  it("FLOW_CONTROL_ERROR where its window would become too large", async () => {
    await using server = await openServer();
    const wire = new Wire(server.connect());
    wire.send(call(1, { path: WAIT_OPERATION }), windowUpdate(1, 2 ** 31 - 1));
    expect(await wire.over(1)).toBe(FLOW_CONTROL_ERROR);
  });
});

describe("what a client sends", () => {
  it("beyond the window of its stream resets that", async () => {
    // Nobody reads while it is not known who calls.
    await using server = await openServer({ connect: { requestGate: () => new Promise(() => {}) } });
    const wire = new Wire(server.connect());
    wire.send(headers(1));
    for (let i = 0; i < 5; i++) wire.send(frame(FRAME.data, 0, 1, Buffer.alloc(16_000)));
    expect([await wire.over(1), wire.socket.destroyed]).toEqual([FLOW_CONTROL_ERROR, false]);
  });

  it("for a call that is not read yet holds up no other", async () => {
    const admitted = Promise.withResolvers<void>();
    let calls = 0;
    const requestGate = () => (calls++ === 0 ? admitted.promise : undefined);
    await using server = await openServer({ connect: { requestGate } });
    const wire = new Wire(server.connect());
    wire.send(headers(1));
    for (let i = 0; i < 4; i++) wire.send(frame(FRAME.data, 0, 1, Buffer.alloc(16_000)));
    const isOpened = ({ kind, stream }: SeenFrame) => kind === WINDOW_UPDATE && stream === 0;
    await wire.until(isOpened);
    wire.send(call(3));
    await wire.over(3);
    admitted.resolve();
    expect(wire.bodyOf(3).toString("latin1")).toContain(RUNNING);
  });

  it("is taken up to the window of the connection, and more when it is read", async () => {
    await using server = await openServer();
    const wire = new Wire(server.connect());
    for (let id = 1; id < 400; id += 2) {
      wire.send(headers(id), frame(FRAME.data, 0, id, Buffer.alloc(1_000)), reset(id, 0));
      await wire.answered();
    }
    wire.send(call(401));
    expect(await wire.over(401)).toBeUndefined();
  });

  it("is taken with its padding", async () => {
    await using server = await openServer();
    const wire = new Wire(server.connect());
    const padded = frame(FRAME.data, PADDED, 1, Buffer.concat([Buffer.from([255]), Buffer.alloc(255)]));
    wire.send(headers(1));
    for (let i = 0; i < 1_000; i++) {
      wire.send(padded);
      if (i % 100 === 0) await wire.answered();
    }
    wire.send(frame(FRAME.data, FLAG.endStream, 1, message()));
    expect(await wire.over(1)).toBeUndefined();
  });
});

describe("a client that remembers nothing of header blocks", () => {
  it("is told so, and is answered", async () => {
    await using server = await openServer();
    const session = connectHttp2(server.url, { settings: { headerTableSize: 0 } });
    const answers = [await callHttp2(session), await callHttp2(session)];
    session.destroy();
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  });

  it("is told so once, whoever has answered first", async () => {
    await using server = await openServer();
    const session = connectHttp2(server.url);
    const get = { ":method": "GET", ":path": `/v1/${RUNNING}`, "content-type": "" };
    const before = await callHttp2(session, get, "");
    session.settings({ headerTableSize: 0 });
    const after = [await callHttp2(session), await callHttp2(session, get, "")];
    session.destroy();
    expect([before, ...after].map(({ status }) => status)).toEqual([200, 200, 200]);
  });
});

describe("an answer", () => {
  it("waits for the window of its stream", async () => {
    await using server = await openServer();
    const wire = new Wire(server.connect(), [[INITIAL_WINDOW_SIZE, 0]]);
    wire.send(call(1));
    await wire.until(({ kind, stream }) => kind === FRAME.headers && stream === 1);
    await wire.answered();
    const before = wire.bodyOf(1).byteLength;
    for (let i = 0; i < 100; i++) wire.send(windowUpdate(1, 1));
    await wire.over(1);
    const body = wire.bodyOf(1);
    expect([before, body.byteLength]).toEqual([0, wholeLength(body)]);
  });

  it("waits for settings that open it", async () => {
    await using server = await openServer();
    const wire = new Wire(server.connect(), [[INITIAL_WINDOW_SIZE, 0]]);
    wire.send(call(1));
    await wire.until(({ kind, stream }) => kind === FRAME.headers && stream === 1);
    wire.send(settingsFrame([[INITIAL_WINDOW_SIZE, 1_000]]));
    expect(await wire.over(1)).toBeUndefined();
  });

  it("never has more than the window of the connection, whatever those of streams have", async () => {
    await using server = await openServer();
    await keepLarge(server, 500);
    const wire = new Wire(server.connect(), [[INITIAL_WINDOW_SIZE, 2 ** 31 - 1]]);
    wire.send(list(1), list(3));
    const sum = () => wire.bodyOf(1).byteLength + wire.bodyOf(3).byteLength;
    await until(() => sum() >= 65_535);
    await wire.answered();
    const before = sum();
    wire.send(windowUpdate(0, 10));
    await wire.answered();
    const then = sum();
    wire.send(windowUpdate(0, 10_000_000));
    await Promise.all([wire.over(1), wire.over(3)]);
    const [one, two] = [wire.bodyOf(1), wire.bodyOf(3)];
    expect([before, then, one.byteLength, two.byteLength]).toEqual([
      ...[65_535, 65_545],
      ...[wholeLength(one), wholeLength(two)],
    ]);
  });

  it("that is large lets small ones pass", async () => {
    await using server = await openServer();
    await keepLarge(server, 500);
    const wire = new Wire(server.connect(), [[INITIAL_WINDOW_SIZE, 30_000]]);
    wire.send(list(1));
    await until(() => wire.bodyOf(1).byteLength === 30_000);
    wire.send(call(3));
    expect(await wire.over(3)).toBeUndefined();
  });

  it("that its client does not want any more is not sent", async () => {
    await using server = await openServer();
    await keepLarge(server, 500);
    const wire = new Wire(server.connect(), [[INITIAL_WINDOW_SIZE, 30_000]]);
    wire.send(list(1));
    await until(() => wire.bodyOf(1).byteLength === 30_000);
    wire.send(reset(1), settingsFrame([[INITIAL_WINDOW_SIZE, 60_000]]), call(3));
    await wire.over(3);
    expect(wire.bodyOf(1).byteLength).toBe(30_000);
  });

  it("of node:http2 waits for both windows too", async () => {
    await using server = await openServer();
    const wire = new Wire(server.connect(), [[INITIAL_WINDOW_SIZE, 10]]);
    // A GET is no call: REST answers it, by node:http2.
    const get = { ...grpcFields("/v1/operations"), ":method": "GET", "content-type": undefined };
    wire.send(frame(FRAME.headers, 5, 1, headerBlock(get)));
    await until(() => wire.bodyOf(1).byteLength === 10);
    wire.send(windowUpdate(1, 5));
    await until(() => wire.bodyOf(1).byteLength === 15);
    wire.send(settingsFrame([[INITIAL_WINDOW_SIZE, 100_000]]));
    await wire.over(1);
    expect(JSON.parse(wire.bodyOf(1).toString()).operations).toHaveLength(1);
  });

  it("has the same header block as the next, so that nothing has to be remembered", async () => {
    await using server = await openServer();
    const wire = new Wire(server.connect());
    wire.send(call(1));
    await wire.over(1);
    wire.send(call(3));
    await wire.over(3);
    const heads = wire.frames.filter(({ kind, flags }) => kind === FRAME.headers && flags === 4);
    expect(heads[0]?.payload.subarray(0, 20)).toEqual(heads[1]?.payload.subarray(0, 20));
  });
});

describe.each([
  ["in cleartext", undefined],
  ["over TLS", TLS],
])("a connection %s", (_, tls) => {
  it("has calls of this package and of node:http2 beside each other", async () => {
    await using server = await openServer({ tls });
    const session = connectHttp2(server.url);
    const missing = JSON.stringify({ name: "operations/missing" });
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, i) =>
        i % 3 === 0
          ? callHttp2(session, { ":method": "GET", ":path": `/v1/${RUNNING}`, "content-type": "" }, "")
          : callHttp2(session, {}, i % 3 === 1 ? undefined : missing),
      ),
    );
    session.destroy();
    expect(answers.map(({ status }) => status)).toEqual(
      Array.from({ length: 60 }, (_, i) => (i % 3 === 2 ? 404 : 200)),
    );
  });

  it("is told to go, and answers who waits", async () => {
    await using server = await openServer({ tls });
    const session = connectHttp2(server.url);
    await callHttp2(session);
    const waiting = answerOf(
      sendHttp2(session, { ":path": WAIT_OPERATION }).end(JSON.stringify({ name: RUNNING })),
    );
    await until(() => server.operations.service.waiting === 1);
    const closing = server.server.close();
    const { status } = await waiting;
    await closing;
    expect(status).toBe(200);
  });

  it("forgets what waits when it is broken off", async () => {
    await using server = await openServer({ tls });
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
});

describe("a goodbye", () => {
  it("names all streams at first, and the last that is served when the client has heard it", async () => {
    await using server = await openServer();
    const wire = new Wire(server.connect());
    wire.send(call(1, { path: WAIT_OPERATION }));
    await until(() => server.operations.service.waiting === 1);
    const closing = server.server.close();
    const ping = await wire.until(({ kind }) => kind === FRAME.ping);
    wire.send(call(3), frame(FRAME.ping, FLAG.ack, 0, ping.payload));
    await wire.over(3);
    await closing;
    const goodbyes = wire.frames.filter(({ kind }) => kind === FRAME.goAway);
    expect(goodbyes.map(({ payload }) => payload.readUInt32BE(0))).toEqual([2 ** 31 - 1, 3]);
  });

  it("is not waited for where the client says nothing", async () => {
    await using server = await openServer({ graceMs: 60_000 });
    const wire = new Wire(server.connect());
    await wire.answered();
    await server.server.close();
    const goodbyes = wire.frames.filter(({ kind }) => kind === FRAME.goAway);
    expect(goodbyes.map(({ payload }) => payload.readUInt32BE(0))).toEqual([2 ** 31 - 1, 0]);
  });

  it("of a client ends the connection when its calls are over", async () => {
    await using server = await openServer();
    const wire = new Wire(server.connect());
    wire.send(call(1), frame(FRAME.goAway, 0, 0, Buffer.alloc(8)));
    await wire.over(1);
    await once(wire.socket, "close");
    expect(wire.bodyOf(1).toString("latin1")).toContain(RUNNING);
  });
});

describe("a goodbye that its client has not read", () => {
  it("lets the calls under way go on when another begins behind it", async () => {
    const clock = new FakeClock();
    await using server = await openServer({ clock, graceMs: 3_600_000 });
    const wire = new Wire(server.connect());
    wire.send(call(1, { path: WAIT_OPERATION }));
    await until(() => server.operations.service.waiting === 1);
    const last = (seen: SeenFrame) => seen.kind === FRAME.goAway && seen.payload.readUInt32BE(0) === 1;
    server.operations.answerWaiting = () => {};
    const closing = server.server.close();
    await wire.until(({ kind }) => kind === FRAME.goAway);
    clock.advance(1_000);
    await wire.until(last);
    wire.send(call(3), windowUpdate(3, 1), reset(3), frame(FRAME.data, 0, 3));
    await wire.answered();
    const { waiting } = server.operations.service;
    wire.socket.destroy();
    await closing;
    expect(waiting).toBe(1);
  });

  it("is not said again with more streams behind that of the client", async () => {
    await using server = await openServer();
    const wire = new Wire(server.connect());
    wire.send(call(1, { path: WAIT_OPERATION }));
    await until(() => server.operations.service.waiting === 1);
    wire.send(frame(FRAME.goAway, 0, 0, Buffer.alloc(8)));
    await wire.answered();
    await server.server.close();
    const goodbyes = wire.frames.filter(({ kind }) => kind === FRAME.goAway);
    expect(goodbyes.map(({ payload }) => payload.readUInt32BE(0))).toEqual([1]);
  });
});

describe("headers that are too large", () => {
  it.each([
    ["a little", 20_000],
    ["much", 60_000],
  ])("by %s reset their stream alone", async (_, size) => {
    await using server = await openServer();
    const wire = new Wire(server.connect());
    const block = headerBlock({ ...grpcFields(GET_OPERATION), "x-a": "x".repeat(size) });
    wire.send(frame(FRAME.headers, FLAG.endStream, 1, block.subarray(0, 16_000)));
    for (let at = 16_000; at < block.byteLength; at += 16_000) {
      const flags = at + 16_000 < block.byteLength ? 0 : FLAG.endHeaders;
      wire.send(frame(FRAME.continuation, flags, 1, block.subarray(at, at + 16_000)));
    }
    wire.send(call(3));
    expect([await wire.over(1), await wire.over(3)]).toEqual([CALM, undefined]);
  });
});

describe("a flood of resets", () => {
  it("ends the connection within what is read at once", async () => {
    await using server = await openServer();
    const wire = new Wire(server.connect());
    const burst = Array.from({ length: 300 }, (_, i) =>
      Buffer.concat([headers(2 * i + 1), reset(2 * i + 1)]),
    );
    wire.send(...burst);
    expect(await wire.goodbye()).toBe(CALM);
    const { payload } = await wire.until(({ kind }) => kind === FRAME.goAway);
    expect(payload.readUInt32BE(0)).toBeLessThan(2 * 110);
  });

  it("that the client has the server make ends the connection too", async () => {
    await using server = await openServer();
    const wire = new Wire(server.connect());
    // A window beyond all bounds has its stream reset (CVE-2025-8671).
    const overflow = (id: number) => windowUpdate(id, 2 ** 31 - 1);
    for (let i = 0; i < 300; i++) wire.send(call(2 * i + 1, { path: WAIT_OPERATION }), overflow(2 * i + 1));
    expect(await wire.goodbye()).toBe(CALM);
  });
});

describe("an answer's date", () => {
  it("is the handler's where that has one", async () => {
    await using server = await openServer({
      connect: {
        interceptors: [
          (next) => async (request) => {
            const answer = await next(request);
            answer.header.set("date", "Thu, 01 Jan 1970 00:00:00 GMT");
            return answer;
          },
        ],
      },
    });
    const session = connectHttp2(server.url);
    const stream = sendHttp2(session);
    const [answered] = (await once(stream.end(JSON.stringify({ name: RUNNING })), "response")) as [
      { date?: string },
    ];
    session.destroy();
    expect(answered.date).toBe("Thu, 01 Jan 1970 00:00:00 GMT");
  });
});
