import { create } from "@bufbuild/protobuf";
import { type Duration, DurationSchema } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { durationFault, durationMs, durationOfMs } from "../../src/time/duration.ts";

function duration(seconds: bigint, nanos = 0): Duration {
  return create(DurationSchema, { seconds, nanos });
}

const LONGEST_SECONDS = 315_576_000_000n;

describe("durationMs", () => {
  it.each([
    [duration(0n), 0],
    [duration(1n), 1_000],
    [duration(0n, 1), 0.000_001],
    [duration(0n, 500_000_000), 500],
    [duration(20n, 1_000_000), 20_001],
    [duration(-1n, -500_000_000), -1_500],
    [duration(LONGEST_SECONDS), 315_576_000_000_000],
  ])("of $seconds s and $nanos ns is %s", (given, ms) => {
    expect(durationMs(given)).toBe(ms);
  });
});

describe("durationOfMs", () => {
  it.each([
    [0, duration(0n)],
    [1, duration(0n, 1_000_000)],
    [999, duration(0n, 999_000_000)],
    [1_000, duration(1n)],
    [1_500, duration(1n, 500_000_000)],
    [0.25, duration(0n, 250_000)],
    [0.000_000_9, duration(0n)],
    [2_592_000_000, duration(2_592_000n)],
  ])("of %d ms is right to the nanosecond", (ms, expected) => {
    expect(durationOfMs(ms)).toEqual(expected);
  });

  it("comes back as the same milliseconds", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Number(LONGEST_SECONDS) * 1_000 }), (ms) => {
        expect(durationMs(durationOfMs(ms))).toBe(ms);
      }),
    );
  });

  it("is a duration without fault, whatever the fraction", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: Number(LONGEST_SECONDS) * 1_000, noNaN: true }), (ms) => {
        expect(durationFault(durationOfMs(ms))).toBeUndefined();
      }),
    );
  });
});

describe("durationFault", () => {
  it.each([
    duration(0n),
    duration(0n, 1),
    duration(0n, 999_999_999),
    duration(1n, 1),
    duration(LONGEST_SECONDS),
    duration(LONGEST_SECONDS, 999_999_999),
  ])("finds none in $seconds s and $nanos ns", (given) => {
    expect(durationFault(given)).toBeUndefined();
  });

  it.each([
    [duration(0n, 1_000_000_000), "nanos 1000000000 are not between"],
    [duration(0n, -1_000_000_000), "nanos -1000000000 are not between"],
    [duration(-1n, -2_000_000_000), "are not between"],
    [duration(1n, -1), "differ in sign"],
    [duration(-1n, 1), "differ in sign"],
    [duration(-1n), "are negative"],
    [duration(0n, -1), "are negative"],
    [duration(-LONGEST_SECONDS), "are negative"],
    [duration(LONGEST_SECONDS + 1n), "are more than"],
    [duration(2n ** 63n - 1n), "are more than"],
  ])("finds what is wrong with $seconds s and $nanos ns", (given, fault) => {
    expect(durationFault(given)).toContain(fault);
  });
});
