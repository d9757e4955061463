import { describe, expect, it } from "vitest";
import { hexDump } from "../../src/console/hex-dump.ts";
import { rowWindow, scrollTopFor } from "../../src/console/virtual-rows.ts";

describe("a thousand rows of 44 pixels in a box of 440", () => {
  it.each([
    ["at the top", 0, { first: 0, end: 18 }],
    ["in the midst", 4_400, { first: 92, end: 118 }],
    ["at the bottom", 43_560, { first: 982, end: 1_000 }],
    ["beyond the bottom, as after a deletion", 90_000, { first: 992, end: 1_000 }],
  ])("are drawn where they can be seen: %s", (_, scrollTop, rows) => {
    expect(rowWindow(scrollTop, 440, 44, 1_000)).toEqual(rows);
  });

  it.each([
    ["above", 5, 1_000, 220],
    ["below", 50, 0, 1_804],
    ["in sight", 3, 100, 100],
  ])("scroll as little as a row that is %s needs", (_, index, scrollTop, expected) => {
    expect(scrollTopFor(index, scrollTop, 440, 44)).toBe(expected);
  });
});

it("shows bytes in hexadecimal and as text", () => {
  expect(hexDump(new TextEncoder().encode("\0longrunning, 17 b"))).toBe(
    "0000  00 6c 6f 6e 67 72 75 6e 6e 69 6e 67 2c 20 31 37  ·longrunning, 17\n" +
      "0010  20 62                                             b",
  );
});
