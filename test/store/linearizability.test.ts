import { describe, expect, it } from "vitest";
import { isLinearizable, type RecordedCall, type SequentialModel } from "./linearizability.ts";

type Input = { write: number } | { add: number } | "read";
type Call = RecordedCall<Input, number>;

/** A register that answers with what it holds after each call. */
const register: SequentialModel<number, Input, number> = {
  initial: 0,
  step(state, input) {
    const next = input === "read" ? state : "write" in input ? input.write : state + input.add;
    return { state: next, answer: next };
  },
};

function call(input: Input, answer: number, startedAt: number, answeredAt: number): Call {
  return { input, answer, startedAt, answeredAt };
}

describe("isLinearizable", () => {
  it("accepts that nothing was called", () => {
    expect(isLinearizable([], register)).toBe(true);
  });

  it("accepts calls one after another, each with its right answer", () => {
    const history = [call({ write: 1 }, 1, 0, 1), call("read", 1, 2, 3), call({ add: 2 }, 3, 4, 5)];
    expect(isLinearizable(history, register)).toBe(true);
  });

  it("rejects a wrong answer", () => {
    expect(isLinearizable([call("read", 1, 0, 1)], register)).toBe(false);
  });

  it("rejects a read that answers with what was overwritten before it started", () => {
    const history = [call({ write: 1 }, 1, 0, 1), call({ write: 2 }, 2, 2, 3), call("read", 1, 4, 5)];
    expect(isLinearizable(history, register)).toBe(false);
  });

  it.each([0, 1])("accepts that a read during a write answers %i", (answer) => {
    const history = [call({ write: 1 }, 1, 0, 3), call("read", answer, 1, 2)];
    expect(isLinearizable(history, register)).toBe(true);
  });

  it("rejects two reads, one after the other, of which the later sees less of a write that goes on", () => {
    const history = [call({ write: 1 }, 1, 0, 5), call("read", 1, 1, 2), call("read", 0, 3, 4)];
    expect(isLinearizable(history, register)).toBe(false);
  });

  it("rejects a lost update: two additions at once, neither of which saw the other", () => {
    const history = [call({ add: 1 }, 1, 0, 2), call({ add: 1 }, 1, 1, 3)];
    expect(isLinearizable(history, register)).toBe(false);
  });

  it("accepts two additions at once, recorded in the other order", () => {
    const history = [call({ add: 1 }, 2, 0, 2), call({ add: 1 }, 1, 1, 3)];
    expect(isLinearizable(history, register)).toBe(true);
  });

  it("rejects a history of which each half alone is right", () => {
    const history = [
      ...[call({ write: 1 }, 1, 0, 9), call({ write: 2 }, 2, 0, 9)],
      ...[call("read", 1, 10, 11), call("read", 2, 12, 13)],
    ];
    expect(isLinearizable(history, register)).toBe(false);
  });

  it("finds its way through 20 calls at once", () => {
    const history = Array.from({ length: 20 }, (_, i) => call({ add: 1 }, 20 - i, 0, 1));
    expect(isLinearizable(history, register)).toBe(true);
  });

  it("refuses more calls than it can tell apart", () => {
    const history = Array.from({ length: 31 }, (_, i) => call({ add: 1 }, i, 0, 1));
    expect(() => isLinearizable(history, register)).toThrow(RangeError);
  });
});
