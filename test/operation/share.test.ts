import { describe, expect, it } from "vitest";
import { Share, type ShareLimits } from "../../src/operation/share.ts";

function openShare(limits: ShareLimits): Share {
  return new Share(limits, (scope, limit) => new Error(`${scope} ${limit}`));
}

describe("Share", () => {
  it("has no limit by default", () => {
    const share = openShare({});
    for (let i = 0; i < 1_000; i++) share.take("a");
    expect(share.taken).toBe(1_000);
  });

  it("refuses one more than there may be in all", () => {
    const share = openShare({ most: 2 });
    share.take("a");
    share.take(undefined);
    expect(() => share.take("b")).toThrow("process 2");
  });

  it("refuses one more than a principal may have", () => {
    const share = openShare({ mostOfPrincipal: 1 });
    share.take("a");
    expect(() => share.take("a")).toThrow("principal 1");
  });

  it("leaves to others what one principal has not", () => {
    const share = openShare({ mostOfPrincipal: 1 });
    share.take("a");
    expect(() => share.take("b")).not.toThrow();
  });

  it("counts one without a principal for the whole alone", () => {
    const share = openShare({ mostOfPrincipal: 1 });
    share.take(undefined);
    expect(() => share.take(undefined)).not.toThrow();
  });

  it("has room again for what was given back", () => {
    const share = openShare({ most: 1, mostOfPrincipal: 1 });
    share.take("a")();
    expect(() => share.take("a")).not.toThrow();
  });

  it("takes back one once", () => {
    const share = openShare({ most: 9 });
    const giveBack = share.take("a");
    share.take("a");
    giveBack();
    giveBack();
    expect(share.taken).toBe(1);
  });

  it("takes nothing where it refuses", () => {
    const share = openShare({ most: 9, mostOfPrincipal: 1 });
    share.take("a");
    expect(() => share.take("a")).toThrow();
    expect(share.taken).toBe(1);
  });
});
