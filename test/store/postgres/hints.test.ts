import { describe, expect, it } from "vitest";
import { MOST_NAMES, payloadsOf, readPayload } from "../../../src/store/postgres/hints.ts";

const names = (count: number) => new Set(Array.from({ length: count }, (_, i) => `o/${i}`));

describe("hints", () => {
  it("name all operations, however many payloads that takes", () => {
    const told = payloadsOf("me", names(5_000)).flatMap((payload) => readPayload(payload).names ?? []);
    expect(new Set(told)).toEqual(names(5_000));
  });

  it("say no more than that there are many, where those that wait to be told were cut short", () => {
    expect(payloadsOf("me", names(MOST_NAMES + 1)).map(readPayload)).toEqual([
      { sender: "me", names: undefined },
    ]);
  });
});
