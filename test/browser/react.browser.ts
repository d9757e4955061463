import { describe, expect, it } from "vitest";
import { WAYS } from "./matrix.ts";
import { openSite, type Site } from "./open-site.ts";
import { useBrowser } from "./use-browser.ts";

/** Twice as many as a browser opens connections of HTTP/1.1. */
const ROWS = 12;

describe.each(WAYS)("over $name", (way) => {
  const browser = useBrowser(way);

  it("a page of hooks shows twelve operations by one call, and cancels one of them", async () => {
    await using site = await openSite(browser(), way);
    const names = await startMany(site, ROWS);
    const page = await site.visit("react.html", names);
    await page
      .locator("progress[value='0']")
      .nth(ROWS - 1)
      .waitFor();
    await site.watching(1);
    await page.getByRole("button", { name: "Cancel" }).first().click();
    await page.getByText("cancelled").waitFor();
    site.clock.advance(1_000);
    await page
      .locator("progress[value='1']")
      .nth(ROWS - 2)
      .waitFor();
    site.clock.advance(1_000);
    await page
      .getByText("hello")
      .nth(ROWS - 2)
      .waitFor();
    expect([await page.locator("output").allInnerTexts(), site.log.calls.includes("WaitOperation")]).toEqual([
      ["cancelled", ...Array(ROWS - 1).fill("hello")],
      false,
    ]);
  });

  it("a page of hooks that is closed leaves no call behind", async () => {
    await using site = await openSite(browser(), way);
    const page = await site.visit("react.html", await startMany(site, ROWS));
    await site.watching(1);
    await page.close();
    await site.watching(0);
    expect(site.operations.service.waiting).toBe(0);
  });
});

/** Starts work of two steps, a second each, so often. Answers the names of the operations. */
async function startMany(site: Site, count: number): Promise<string[]> {
  const names: string[] = [];
  for (let i = 0; i < count; i++) names.push(await site.start({ seconds: 2, steps: 2, payload: "hello" }));
  return names;
}
