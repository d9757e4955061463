import { describe, expect, it } from "vitest";
import { CALLS, WAYS } from "./matrix.ts";
import { FOREIGN, openSite } from "./open-site.ts";
import { useBrowser } from "./use-browser.ts";

const ELSEWHERE = { allowedOrigins: ["https://elsewhere.example"] };

// What is allowed does not depend on what carries it: the oldest and the newest will do.
describe.each(WAYS.filter(({ secure, protocol }) => secure === (protocol === "h2")))("over $name", (way) => {
  const browser = useBrowser(way);

  it.each(CALLS)("an origin that is not allowed starts nothing (%s)", async (calls) => {
    await using site = await openSite(browser(), way, { cors: ELSEWHERE });
    const tab = await site.open(calls);
    await tab.order({ duration: "60s" });
    await tab.press("Start");
    const refusals = await tab.shownAsJson("refusals");
    expect([refusals, tab.said.join("\n"), site.log.calls]).toEqual([
      [{ code: "UNKNOWN", message: expect.stringContaining("Failed to fetch") }],
      expect.stringContaining("has been blocked by CORS policy"),
      [],
    ]);
  });

  it.each(CALLS)("every origin may call where all are allowed (%s)", async (calls) => {
    await using site = await openSite(browser(), way, { cors: { allowedOrigins: ["*"] } });
    const tab = await site.open(calls);
    await tab.start({ payload: "hello" });
    await tab.press("Wait");
    expect(await tab.shown("ends")).toEqual(["hello"]);
  });

  it("an origin that is not allowed can still send a POST without a body, whose answer it cannot read", async () => {
    await using site = await openSite(browser(), way, { cors: ELSEWHERE });
    const tab = await site.open("fetch-rest");
    await tab.postUnasked(`${site.url}/v1/${FOREIGN}:cancel`);
    expect(site.log.calls).toEqual(["CancelOperation"]);
  });
});
