import { describe, expect, it } from "vitest";
import { Figures, median, percentile, rounded } from "../../bench/figures.ts";

describe("a percentile", () => {
  it("is the value that so many do not exceed", () => {
    expect(percentile([5, 1, 4, 2, 3], 80)).toBe(4);
  });

  it("is the least value for 0", () => {
    expect(percentile([3, 1, 2], 0)).toBe(1);
  });

  it("does not change the values' order", () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });
});

it("a ratio is the median of the rounds' own ratios", () => {
  const figures = new Figures();
  // The second round had a slow machine: 2/1, 300/100, 4/1.
  for (const value of [2, 300, 4]) figures.note("one", value);
  for (const value of [1, 100, 1]) figures.note("other", value);
  expect(figures.ratio("one", "other")).toBe(3);
});

it("a figure has three digits that mean something", () => {
  expect([1234.5, 99.94, 1.234, 0.125].map(rounded)).toEqual(["1,235", "99.9", "1.23", "0.13"]);
});
