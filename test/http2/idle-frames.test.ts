import { constants } from "node:http2";
import { describe, expect, it } from "vitest";
import { IdleFrames } from "../../src/http2/idle-frames.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { openServer } from "../server/open-server.ts";
import { FLAG, FRAME, frame } from "../server/raw-http2.ts";
import { until } from "../until.ts";
import { call, headers, uint32, WINDOW_UPDATE, Wire, windowUpdate } from "./wire.ts";

const SETTINGS = 4;
const PRIORITY = 2;
const { NGHTTP2_ENHANCE_YOUR_CALM: CALM } = constants;

function sent(frames: IdleFrames, count: number, use = 0): boolean {
  let areFew = true;
  for (let i = 0; i < count && areFew; i++) areFew = frames.add(use);
  return areFew;
}

describe("frames that ask for nothing", () => {
  it("may be a thousand at once", () => {
    const frames = new IdleFrames(new FakeClock());
    expect([sent(frames, 1_000), sent(frames, 1)]).toEqual([true, false]);
  });

  it("may be a thousand more each second", () => {
    const clock = new FakeClock();
    const frames = new IdleFrames(clock);
    sent(frames, 1_000);
    clock.advance(500);
    expect([sent(frames, 500), sent(frames, 2)]).toEqual([true, false]);
  });

  it("may be more where the connection is used for something", () => {
    const frames = new IdleFrames(new FakeClock());
    sent(frames, 1_000);
    expect([sent(frames, 300, 300), sent(frames, 2, 300)]).toEqual([true, false]);
  });
});

describe("a connection on which a client floods the server", () => {
  it.each([
    ["PING", frame(FRAME.ping, 0, 0, Buffer.alloc(8))],
    ["answers to PING", frame(FRAME.ping, FLAG.ack, 0, Buffer.alloc(8))],
    ["SETTINGS", frame(SETTINGS, 0, 0)],
    ["PRIORITY", frame(PRIORITY, 0, 1, Buffer.from([0, 0, 0, 3, 1]))],
    ["WINDOW_UPDATE", frame(WINDOW_UPDATE, 0, 0, uint32(1))],
    ["empty DATA", frame(FRAME.data, 0, 1)],
    ["frames of no known kind", frame(0x42, 0, 0)],
  ])("with %s is ended", async (_, bytes) => {
    await using server = await openServer();
    const wire = new Wire(server.connect());
    wire.send(headers(1), Buffer.concat(Array.from({ length: 2_500 }, () => bytes)));
    const code = await wire.goodbye();
    wire.socket.destroy();
    expect(code).toBe(CALM);
  });

  it("and which goes on with it behind its end is cut", async () => {
    await using server = await openServer({ clock: new FakeClock() });
    const wire = new Wire(server.connect({ allowHalfOpen: true }));
    const flood = Buffer.concat(
      Array.from({ length: 50_000 }, () => frame(FRAME.ping, 0, 0, Buffer.alloc(8))),
    );
    await until(() => {
      if (!wire.socket.destroyed) wire.send(flood);
      return wire.socket.destroyed;
    });
    expect(wire.socket.destroyed).toBe(true);
  });
});

it("a connection on which each call has frames of its own for nothing is left alone", async () => {
  await using server = await openServer();
  const wire = new Wire(server.connect());
  for (let id = 1; id < 2_000; id += 2) {
    wire.send(
      call(id),
      windowUpdate(0, 10),
      frame(FRAME.ping, 0, 0, Buffer.alloc(8)),
      frame(PRIORITY, 0, id, Buffer.from([0, 0, 0, 0, 1])),
    );
  }
  await wire.answered();
  const isEnded = wire.frames.some(({ kind }) => kind === FRAME.goAway);
  wire.socket.destroy();
  expect(isEnded).toBe(false);
});
