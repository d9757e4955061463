import { describe, expect, it } from "vitest";
import { Bell } from "../../src/store/bell.ts";

/** Whether a promise has resolved by the time that everything else has had its turn. */
async function isResolved(promise: Promise<void>): Promise<boolean> {
  let resolved = false;
  void promise.then(() => {
    resolved = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  return resolved;
}

describe("Bell", () => {
  it("is silent until it is rung", async () => {
    expect(await isResolved(new Bell().heard())).toBe(false);
  });

  it("wakes the one who waits", async () => {
    const bell = new Bell();
    const heard = bell.heard();
    bell.ring();
    expect(await isResolved(heard)).toBe(true);
  });

  it("keeps a ring for the one who comes later", async () => {
    const bell = new Bell();
    bell.ring();
    expect(await isResolved(bell.heard())).toBe(true);
  });

  it("keeps many rings as one", async () => {
    const bell = new Bell();
    bell.ring();
    bell.ring();
    await bell.heard();
    expect(await isResolved(bell.heard())).toBe(false);
  });

  it("is silent again once it was heard by one who waited", async () => {
    const bell = new Bell();
    const heard = bell.heard();
    bell.ring();
    await heard;
    expect(await isResolved(bell.heard())).toBe(false);
  });
});
