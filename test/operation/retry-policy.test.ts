import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { RetryInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import { delayAfter, mayBeCured, retryPolicy } from "../../src/operation/retry-policy.ts";

const policy = retryPolicy({ firstDelayMs: 100, longestDelayMs: 1_000 });

function unavailableFor(seconds: bigint, nanos = 0): ConnectError {
  const retryInfo = { desc: RetryInfoSchema, value: { retryDelay: { seconds, nanos } } };
  return new ConnectError("busy", Code.Unavailable, undefined, [retryInfo]);
}

describe("a retry policy", () => {
  it("waits a second at first, and a minute at most, by default", () => {
    const { firstDelayMs, longestDelayMs } = retryPolicy({});
    expect([firstDelayMs, longestDelayMs]).toEqual([1_000, 60_000]);
  });

  it("waits as long at most as at first where that is more than a minute", () => {
    expect(retryPolicy({ firstDelayMs: 90_000 }).longestDelayMs).toBe(90_000);
  });

  it.each([
    [{ firstDelayMs: -1 }, "firstDelayMs -1 is no delay"],
    [{ firstDelayMs: Number.NaN }, "firstDelayMs NaN is no delay"],
    [{ firstDelayMs: 100, longestDelayMs: 99 }, "longestDelayMs 99 is none that firstDelayMs 100 fits in"],
    [
      { longestDelayMs: Number.POSITIVE_INFINITY },
      "longestDelayMs Infinity is none that firstDelayMs 1000 fits in",
    ],
  ])("refuses %o", (wrong, message) => {
    expect(() => retryPolicy(wrong)).toThrow(new RangeError(message));
  });
});

describe("the delay after an attempt", () => {
  it("doubles with each, up to the longest", () => {
    const delays = [1, 2, 3, 4, 5, 60].map((attempt) => delayAfter(policy, attempt, new Error(), 0));
    expect(delays).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  });

  it("is up to a fifth less, so that those that failed together do not begin together", () => {
    expect([0, 0.5, 1].map((random) => delayAfter(policy, 1, new Error(), random))).toEqual([100, 90, 80]);
  });

  it("is not less than the error's RetryInfo says", () => {
    expect(delayAfter(policy, 1, unavailableFor(5n, 1), 1)).toBe(5_001);
  });

  it("is not shortened by a RetryInfo", () => {
    expect(delayAfter(policy, 5, unavailableFor(0n, 1), 0)).toBe(1_000);
  });
});

describe("an error", () => {
  it.each([
    Code.Unknown,
    Code.DeadlineExceeded,
    Code.ResourceExhausted,
    Code.Aborted,
    Code.Internal,
    Code.Unavailable,
  ])("of code %i may be cured by another attempt", (code) => {
    expect(mayBeCured(new ConnectError("", code))).toBe(true);
  });

  it.each([
    Code.Canceled,
    Code.InvalidArgument,
    Code.NotFound,
    Code.AlreadyExists,
    Code.PermissionDenied,
    Code.FailedPrecondition,
    Code.OutOfRange,
    Code.Unimplemented,
    Code.DataLoss,
    Code.Unauthenticated,
  ])("of code %i comes back with every attempt", (code) => {
    expect(mayBeCured(new ConnectError("", code))).toBe(false);
  });

  it.each([new Error("socket hang up"), "thrown", undefined])("without a code may be cured: %o", (thrown) => {
    expect(mayBeCured(thrown)).toBe(true);
  });
});
