import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openLog } from "../../src/server/server-log.ts";

describe("a server's log for people", () => {
  let told: string[];

  beforeEach(() => {
    told = [];
    vi.spyOn(console, "error").mockImplementation((text: string) => void told.push(text));
  });
  afterEach(() => vi.restoreAllMocks());

  /** What is logged of an error. */
  async function lines(message: string, cause?: unknown): Promise<string[]> {
    (await openLog("text")).error(message, cause);
    return told.flatMap((text) => text.split("\n"));
  }

  it("says what went wrong, and why", async () => {
    const cause = Object.assign(new TypeError("the disk is gone"), { code: "EIO" });
    cause.stack = "TypeError: the disk is gone\n    at write (disk.ts:1:1)";
    const error = new Error("no", { cause });
    error.stack = "Error: no\n    at work (work.ts:1:1)";
    expect(await lines("it failed", error)).toEqual([
      "it failed",
      "    Error: no",
      "        at work (work.ts:1:1)",
      "    caused by:",
      "    TypeError: the disk is gone",
      "        at write (disk.ts:1:1)",
      "    code: EIO",
    ]);
  });

  it("is one line where there is no error to tell of", async () => {
    expect(await lines("it failed")).toEqual(["it failed"]);
  });

  it("has no line that whoever made an error's text begins", async () => {
    const told = await lines("it failed", new Error("no\nlistening on http://evil"));
    expect(told.filter((line) => !line.startsWith("    "))).toEqual(["it failed"]);
  });

  it("has nothing that a terminal obeys", async () => {
    const told = await lines("of \u001b[2J\n", new Error("no \u001b[31m\r\u0007 \u2028"));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    expect(told.filter((line) => /[\u0000-\u001f\u007f-\u009f\u2028]/.test(line))).toEqual([]);
  });

  it("shows no token and no payload", async () => {
    const error = Object.assign(new Error("Bearer s3cret"), { request: { payload: "s3cret" } });
    expect((await lines("token=s3cret", error)).filter((line) => line.includes("s3cret"))).toEqual([]);
  });
});
