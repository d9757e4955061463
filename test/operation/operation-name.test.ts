import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { BadRequestSchema } from "../../gen/google/rpc/error_details_pb.ts";
import {
  checkOperationName,
  checkParent,
  collectionOf,
  newOperationName,
  parentOfList,
} from "../../src/operation/operation-name.ts";

/** The code, and the fields that are named as violated, of what a function throws; undefined where it does not. */
function refusalOf(act: () => unknown): { code: Code; fields: string[] } | undefined {
  try {
    act();
    return undefined;
  } catch (thrown) {
    const error = ConnectError.from(thrown);
    const violations = error.findDetails(BadRequestSchema)[0]?.fieldViolations ?? [];
    return { code: error.code, fields: violations.map(({ field }) => field) };
  }
}

const invalid = (field: string) => ({ code: Code.InvalidArgument, fields: [field] });

describe("newOperationName", () => {
  it("is operations/ID at the top level, with an ID of 128 bits", () => {
    expect(newOperationName("")).toMatch(/^operations\/[0-9a-f]{32}$/);
  });

  it("is {parent}/operations/ID elsewhere", () => {
    expect(newOperationName("projects/p")).toMatch(/^projects\/p\/operations\/[0-9a-f]{32}$/);
  });

  it("is another one each time", () => {
    expect(new Set(Array.from({ length: 1_000 }, () => newOperationName(""))).size).toBe(1_000);
  });

  it("is a name that is not refused", () => {
    expect(refusalOf(() => checkOperationName(newOperationName("projects/p")))).toBeUndefined();
  });
});

describe("collectionOf", () => {
  it.each([
    ["", "operations"],
    ["projects/p", "projects/p/operations"],
  ])("of %j is %j", (parent, collection) => {
    expect(collectionOf(parent)).toBe(collection);
  });
});

describe("checkOperationName", () => {
  it.each([
    "operations/a",
    "operations/a/b",
    "operations/operations",
    "projects/p/operations/a",
    "projects/p/locations/l/operations/a",
    "operations/%2F",
    "operations/..",
    "operations/ ",
    "operations/😀",
    "operations/__proto__",
  ])("lets %j pass", (name) => {
    expect(refusalOf(() => checkOperationName(name))).toBeUndefined();
  });

  it.each([
    "",
    "/",
    "a",
    "operations",
    "operations/",
    "/operations/a",
    "//operations/a",
    "operations//a",
    "operations/a/",
    "projects/p/operations",
    "projects//operations/a",
    "projects/p",
    "Operations/a",
    "operationsx/a",
    "xoperations/a",
    "operations%2Fa",
    "operations\\a",
    "operations\u0000/a",
    "/".repeat(100_000),
  ])("refuses %j", (name) => {
    expect(refusalOf(() => checkOperationName(name))).toEqual(invalid("name"));
  });
});

describe("checkParent", () => {
  it.each(["", "projects/p", "projects/p/locations/l", "p", "operationsx", "projects/😀"])(
    "lets %j pass",
    (parent) => {
      expect(refusalOf(() => checkParent("parent", parent))).toBeUndefined();
    },
  );

  it.each([
    "/",
    "projects/",
    "/projects",
    "projects//p",
    "operations",
    "operations/a",
    "projects/p/operations",
    "projects/p\0",
    `projects/${"é".repeat(496)}`,
  ])("refuses %j", (parent) => {
    expect(refusalOf(() => checkParent("parent", parent))).toEqual(invalid("parent"));
  });

  it("lets a parent of 1,000 bytes pass", () => {
    expect(refusalOf(() => checkParent("parent", `projects/${"é".repeat(495)}p`))).toBeUndefined();
  });

  it("names the field that it was asked about", () => {
    expect(refusalOf(() => checkParent("report.parent", "/"))).toEqual(invalid("report.parent"));
  });
});

describe("parentOfList", () => {
  it.each([
    ["", ""],
    ["operations", ""],
    ["projects/p", "projects/p"],
    ["projects/p/operations", "projects/p"],
    ["projects/p/locations/l/operations", "projects/p/locations/l"],
    ["projects/xoperations", "projects/xoperations"],
  ])("of %j is %j", (name, parent) => {
    expect(parentOfList(name)).toBe(parent);
  });

  it.each([
    "/",
    "/operations",
    "operations/",
    "operations/a",
    "operations/operations",
    "projects/p/",
    "projects//operations",
    "projects/p/operations/a",
    "projects/p/operations/operations",
  ])("refuses %j", (name) => {
    expect(refusalOf(() => parentOfList(name))).toEqual(invalid("name"));
  });
});
