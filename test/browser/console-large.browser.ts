import { StructSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { BadRequestSchema, DebugInfoSchema, ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import { OperationMetadataSchema } from "../../gen/longrunning/v1/operation_metadata_pb.ts";
import { observeLongTasks, rowOf } from "./console-page.ts";
import { anyOf, failure, keepOperation, unknownAny } from "./keep-operation.ts";
import { HTTP1 } from "./matrix.ts";
import { openConsole } from "./open-console.ts";
import { useBrowser } from "./use-browser.ts";

const MIB = 1024 * 1024;

const browser = useBrowser(HTTP1);

describe("an operation", () => {
  it.each([
    ["bytes of a type that nobody knows", failure("", [unknownAny(4 * MIB - 1_000)])],
    ["text in a detail", failure("", [anyOf(DebugInfoSchema, { detail: "x".repeat(4 * MIB - 1_000) })])],
    ["a message", failure("x".repeat(4 * MIB - 1_000), [])],
    [
      "a list in a detail",
      failure("", [
        anyOf(BadRequestSchema, {
          fieldViolations: Array.from({ length: 80_000 }, () => ({ field: "f".repeat(40) })),
        }),
      ]),
    ],
    [
      "a map in a detail",
      failure("", [
        anyOf(ErrorInfoSchema, {
          metadata: Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`key${i}`, "value"])),
        }),
      ]),
    ],
    ["details", failure("", Array(50_000).fill(unknownAny(20)))],
    [
      "a Struct",
      failure("", [
        anyOf(StructSchema, {
          fields: { list: { kind: { case: "stringValue", value: "x".repeat(4 * MIB - 1_000) } } },
        }),
      ]),
    ],
  ])("with 4 MiB of %s is shown in part", async (_, result) => {
    await using site = await openConsole(browser());
    await keepOperation(site.store, "operations/large", { result });
    await rowOf(site.page, "operations/large").waitFor();
    await site.page.evaluate(observeLongTasks);
    await site.go("#/operations/large");
    await site.page.getByRole("region", { name: "Error" }).waitFor();
    const shown = await site.page.locator("main").evaluate(({ textContent }) => textContent?.length ?? 0);
    const longest = await site.page.evaluate(() => Math.max(0, ...(window.longTasks ?? [])));
    console.log(`${shown} characters are shown; the longest task took ${Math.round(longest)} ms`);
    expect([shown > 0, shown < 150_000, site.complaints]).toEqual([true, true, []]);
  });

  it("that says 4 MiB of what it is about is a row as any other", async () => {
    await using site = await openConsole(browser());
    const progress = { message: "x".repeat(3 * MIB - 1_000) };
    await keepOperation(site.store, "operations/chatty", {
      metadata: anyOf(OperationMetadataSchema, progress),
    });
    await rowOf(site.page, "operations/chatty").waitFor();
    const shown = await rowOf(site.page, "operations/chatty").evaluate(
      ({ textContent }) => textContent?.length ?? 0,
    );
    expect(shown).toBeLessThan(1_000);
  });
});
