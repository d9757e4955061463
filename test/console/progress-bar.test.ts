import { expect, it } from "vitest";
import { unitsText } from "../../src/console/progress-bar.tsx";

it.each([
  ["40 of 2,000 steps", 40, 2_000, "steps"],
  ["1.235K of 5M bytes", 1_235, 5_000_000, "bytes"],
  ["1 of 3", 1, 3, undefined],
])("says %s", (text, done, total, unit) => {
  expect(unitsText({ units: { done, total }, unit, percent: undefined, message: undefined })).toBe(text);
});
