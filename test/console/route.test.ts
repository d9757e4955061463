import { describe, expect, it } from "vitest";
import { hashOf, type Route, routeOf, START } from "../../src/console/route.ts";

describe("a place in the console", () => {
  it.each<Route>([
    START,
    { ...START, filter: 'name="operations/4f*" AND done=false' },
    { ...START, parent: "projects/p", size: 1_000, token: "a+b/c==" },
    { page: "operation", name: "operations/4f2b" },
    { page: "operation", name: "projects/a b/operations/50%?x#y" },
  ])("comes back from its address: %o", (route) => {
    expect(routeOf(hashOf(route))).toEqual(route);
  });

  it.each([
    ["", START],
    ["#", START],
    ["#/?size=7", START],
    ["#/operations/100%", { page: "operation", name: "operations/100%" }],
  ])("is the nearest that an address can mean: %s", (hash, route) => {
    expect(routeOf(hash)).toEqual(route);
  });
});
