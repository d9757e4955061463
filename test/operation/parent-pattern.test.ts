import { expect, it } from "vitest";
import { parentPattern } from "../../src/operation/parent-pattern.ts";

it.each([
  ["projects/-", "projects/p", true],
  ["projects/-", "projects/p/locations/l", false],
  ["projects/-", "projects", false],
  ["projects/-", "", false],
  ["projects/-", "folders/p", false],
  ["projects/p/locations/-", "projects/p/locations/l", true],
  ["projects/p/locations/-", "projects/q/locations/l", false],
  ["projects/-/locations/-", "projects/p/locations/l", true],
  ["-", "projects", true],
])("%s reads across %s: %s", (pattern, parent, isRead) => {
  expect(parentPattern(pattern)?.(parent)).toBe(isRead);
});

it.each(["", "projects/p", "projects/a-b", "projects/--"])("%s is one parent alone", (parent) => {
  expect(parentPattern(parent)).toBeUndefined();
});
