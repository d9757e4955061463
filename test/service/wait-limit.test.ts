import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { DurationSchema } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { DEFAULT_DEADLINE_MARGIN, DEFAULT_MAX_WAIT_MS, waitLimitMs } from "../../src/service/wait-limit.ts";
import { refusalOf, violatedFieldsOf } from "./refusal.ts";

const limits = { maxWaitMs: 240_000, margin: DEFAULT_DEADLINE_MARGIN };

function timeout(init: MessageInitShape<typeof DurationSchema>) {
  return create(DurationSchema, init);
}

describe("waitLimitMs", () => {
  it("is the server's own limit where nobody asks for less", () => {
    expect(waitLimitMs(undefined, undefined, limits)).toBe(240_000);
  });

  it("has a limit of 4 minutes by default", () => {
    expect(DEFAULT_MAX_WAIT_MS).toBe(240_000);
  });

  it.each([
    ["the timeout", { seconds: 2n }, 100_000, 240_000, 2_000],
    ["the deadline less its margin", { seconds: 200n }, 10_000, 240_000, 9_500],
    ["the server's limit", { seconds: 200n }, 100_000, 3_000, 3_000],
  ])("is %s where that is the least", (_which, duration, deadlineMs, maxWaitMs, expected) => {
    expect(waitLimitMs(timeout(duration), deadlineMs, { ...limits, maxWaitMs })).toBe(expected);
  });

  it.each([
    ["nanoseconds alone", { nanos: 500_000_000 }, 500],
    ["less than a millisecond", { nanos: 1_000 }, 0.001],
    ["seconds and nanoseconds", { seconds: 1n, nanos: 250_000_000 }, 1_250],
    ["nothing at all", {}, 0],
    ["more than the server allows", { seconds: 315_576_000_000n, nanos: 999_999_999 }, 240_000],
  ])("counts a timeout of %s", (_what, duration, expected) => {
    expect(waitLimitMs(timeout(duration), undefined, limits)).toBe(expected);
  });

  it.each([
    ["5 % of the time left", 10_000, 9_500],
    ["20 ms where 5 % were less", 100, 80],
    ["20 ms of 400 ms, which is both", 400, 380],
    ["1 s where 5 % were more", 60_000, 59_000],
  ])("leaves a margin of %s", (_margin, deadlineMs, expected) => {
    expect(waitLimitMs(undefined, deadlineMs, limits)).toBe(expected);
  });

  it.each([20, 19, 1, 0, -5])("is 0 for a deadline in %d ms, which its margin takes up", (deadlineMs) => {
    expect(waitLimitMs(timeout({ seconds: 9n }), deadlineMs, limits)).toBe(0);
  });

  it("leaves the margin that the server is given", () => {
    const margin = { share: 0.5, leastMs: 0, mostMs: 10_000 };
    expect(waitLimitMs(undefined, 1_000, { ...limits, margin })).toBe(500);
  });

  it.each([
    ["negative seconds", { seconds: -1n }],
    ["negative nanos", { nanos: -1 }],
    ["more seconds than a Duration has", { seconds: 315_576_000_001n }],
    ["fewer seconds than a Duration has", { seconds: -315_576_000_001n }],
    ["a whole second of nanos", { nanos: 1_000_000_000 }],
    ["a whole negative second of nanos", { nanos: -1_000_000_000 }],
    ["seconds and nanos of different signs", { seconds: 1n, nanos: -1 }],
    ["nanos and seconds of different signs", { seconds: -1n, nanos: 1 }],
  ])("refuses %s", async (_what, duration) => {
    const error = await refusalOf((async () => waitLimitMs(timeout(duration), undefined, limits))());
    expect([error.code, violatedFieldsOf(error)]).toEqual([Code.InvalidArgument, ["timeout"]]);
  });
});
