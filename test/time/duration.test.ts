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
    { given: duration(0n), ms: 0 },
    { given: duration(1n), ms: 1_000 },
    { given: duration(0n, 1), ms: 0.000_001 },
    { given: duration(0n, 500_000_000), ms: 500 },
    { given: duration(20n, 1_000_000), ms: 20_001 },
    { given: duration(-1n, -500_000_000), ms: -1_500 },
    { given: duration(LONGEST_SECONDS), ms: 315_576_000_000_000 },
  ])("of $given.seconds s and $given.nanos ns is $ms", ({ given, ms }) => {
    expect(durationMs(given)).toBe(ms);
  });
});

describe("durationOfMs", () => {
  it.each([
    { ms: 0, expected: duration(0n) },
    { ms: 1, expected: duration(0n, 1_000_000) },
    { ms: 999, expected: duration(0n, 999_000_000) },
    { ms: 1_000, expected: duration(1n) },
    { ms: 1_500, expected: duration(1n, 500_000_000) },
    { ms: 0.25, expected: duration(0n, 250_000) },
    { ms: 0.000_000_9, expected: duration(0n) },
    { ms: 2_592_000_000, expected: duration(2_592_000n) },
  ])("of $ms ms is right to the nanosecond", ({ ms, expected }) => {
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
    { given: duration(0n, 1_000_000_000), fault: "nanos 1000000000 are not between" },
    { given: duration(0n, -1_000_000_000), fault: "nanos -1000000000 are not between" },
    { given: duration(-1n, -2_000_000_000), fault: "are not between" },
    { given: duration(1n, -1), fault: "differ in sign" },
    { given: duration(-1n, 1), fault: "differ in sign" },
    { given: duration(-1n), fault: "are negative" },
    { given: duration(0n, -1), fault: "are negative" },
    { given: duration(-LONGEST_SECONDS), fault: "are negative" },
    { given: duration(LONGEST_SECONDS + 1n), fault: "are more than" },
    { given: duration(2n ** 63n - 1n), fault: "are more than" },
  ])("finds what is wrong with $given.seconds s and $given.nanos ns", ({ given, fault }) => {
    expect(durationFault(given)).toContain(fault);
  });
});
