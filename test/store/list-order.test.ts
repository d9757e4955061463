import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareBytewise } from "../../src/operation/bytewise.ts";
import { compareInList } from "../../src/store/list-order.ts";

const bytesOf = (text: string) => Buffer.from(text, "utf8");

// Every character that UTF-8 can encode, and often those about which UTF-16 has another opinion.
const text = fc.string({
  unit: fc.oneof(
    fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
    fc.constantFrom("a", "b", "\ud7ff", "\ue000", "\uffff", "\u{10000}", "\u{10ffff}"),
  ),
});

describe("compareBytewise", () => {
  it("compares as the UTF-8 bytes do", () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareBytewise(a, b))).toBe(Buffer.compare(bytesOf(a), bytesOf(b)));
      }),
      { numRuns: 5_000 },
    );
  });

  it("compares texts that begin alike as the UTF-8 bytes do", () => {
    fc.assert(
      fc.property(text, text, text, (start, a, b) => {
        const expected = Buffer.compare(bytesOf(start + a), bytesOf(start + b));
        expect(Math.sign(compareBytewise(start + a, start + b))).toBe(expected);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe("compareInList", () => {
  it("has the newer one first, whatever the names", () => {
    const older = { createTimeMs: 1, name: "a" };
    const newer = { createTimeMs: 2, name: "b" };
    expect(compareInList(newer, older)).toBeLessThan(0);
  });

  it("has those of one time by name", () => {
    const a = { createTimeMs: 1, name: "a" };
    const b = { createTimeMs: 1, name: "b" };
    expect(compareInList(a, b)).toBeLessThan(0);
  });

  it("is 0 for the same position alone", () => {
    const position = { createTimeMs: 1, name: "a" };
    expect(compareInList(position, { ...position })).toBe(0);
  });
});
