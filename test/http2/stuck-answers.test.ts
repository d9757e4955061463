import { describe, expect, it } from "vitest";
import { StuckAnswers } from "../../src/http2/stuck-answers.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { type OpenServer, openServer } from "../server/open-server.ts";
import { FLAG, FRAME, frame, grpcFields, headerBlock } from "../server/raw-http2.ts";
import { until } from "../until.ts";
import { INITIAL_WINDOW_SIZE, keepLarge, list, Wire, windowUpdate } from "./wire.ts";

const TIMEOUT_MS = 60_000;
const CANCEL = 8;

/**
 * A connection whose window is used up by a large page, and a call (stream 3) that node:http2 has answered all the same.
 */
async function openStuck(server: OpenServer): Promise<Wire> {
  await keepLarge(server, 100);
  const wire = new Wire(server.connect(), [[INITIAL_WINDOW_SIZE, 2 ** 31 - 1]]);
  wire.send(list(1));
  await until(() => wire.bodyOf(1).byteLength === 65_535);
  const get = { ...grpcFields("/v1/operations/running"), ":method": "GET", "content-type": undefined };
  wire.send(frame(FRAME.headers, FLAG.endHeaders | FLAG.endStream, 3, headerBlock(get)));
  await wire.until(({ kind, stream }) => kind === FRAME.headers && stream === 3);
  return wire;
}

describe("an answer of node:http2 that its client does not take", () => {
  it("is given up after its time", async () => {
    const clock = new FakeClock();
    await using server = await openServer({ clock, transferTimeoutMs: TIMEOUT_MS, graceMs: 0 });
    const wire = await openStuck(server);
    const isReset = () => wire.frames.some(({ kind, stream }) => kind === FRAME.rstStream && stream === 3);
    await until(() => {
      clock.advance(1_000);
      return isReset();
    });
    expect([await wire.over(3), wire.socket.destroyed]).toEqual([CANCEL, false]);
  });

  it("is sent when its client takes more", async () => {
    await using server = await openServer();
    const wire = await openStuck(server);
    wire.send(windowUpdate(0, 1_000_000));
    await wire.over(3);
    expect(JSON.parse(wire.bodyOf(3).toString()).name).toBe("operations/running");
  });
});

describe("what is stuck", () => {
  it("is given up when it has been so for all of the time, and not when it began just now", () => {
    const clock = new FakeClock();
    const holding = { set: () => {}, release: () => {} };
    const stuck = new StuckAnswers({ timeoutMs: TIMEOUT_MS, clock, holding });
    const given: string[] = [];
    const waiting = (name: string) =>
      ({ sentFrames: 0, pending: [], reset: () => given.push(name) }) as unknown as Parameters<
        typeof stuck.wait
      >[0];
    stuck.wait(waiting("first"));
    clock.advance(TIMEOUT_MS - 1);
    stuck.wait(waiting("second"));
    clock.advance(1);
    const atOnce = [...given];
    clock.advance(TIMEOUT_MS);
    expect([atOnce, given]).toEqual([[], ["first", "second"]]);
  });

  it("is counted where it is more than a little, and until it is sent", () => {
    const counted: number[] = [];
    const holding = { set: (bytes: number) => counted.push(bytes), release: () => counted.push(0) };
    const stuck = new StuckAnswers({ timeoutMs: TIMEOUT_MS, clock: new FakeClock(), holding });
    const stream = { sentFrames: 0, pending: [] } as unknown as Parameters<typeof stuck.wait>[0];
    stuck.received(10_000);
    stuck.wait(stream);
    stuck.received(10_000);
    stuck.wait(stream);
    stuck.sent(15_000);
    stuck.sent(5_000);
    expect(counted).toEqual([20_000, 5_000, 0]);
  });
});
