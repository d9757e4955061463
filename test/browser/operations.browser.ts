import { describe, expect, it } from "vitest";
import { WAYS } from "./matrix.ts";
import { FOREIGN, openSite } from "./open-site.ts";
import { useBrowser } from "./use-browser.ts";

/** Work that nothing but a cancel ends: its clock stands still. */
const ENDLESS = { duration: "60s" };

const FAILING = {
  error: {
    code: 3,
    message: "the report has no title",
    details: [
      {
        "@type": "type.googleapis.com/google.rpc.BadRequest",
        fieldViolations: [{ field: "report.title", description: "is empty" }],
      },
    ],
  },
};

describe.each(WAYS)("over $name", (way) => {
  const browser = useBrowser(way);

  describe.each(way.calls)("a page that calls by %s", (calls) => {
    it("speaks that HTTP with the server", async () => {
      await using site = await openSite(browser(), way);
      const tab = await site.open(calls);
      await tab.start(ENDLESS);
      expect(await tab.protocolsTo(site.url)).toEqual([way.protocol]);
    });

    it("sees each step of the work, to the last", async () => {
      await using site = await openSite(browser(), way);
      const tab = await site.open(calls);
      await tab.start({ duration: "2s", steps: 2 });
      await tab.press("Watch");
      await tab.shows("steps", "0");
      site.clock.advance(1_000);
      await tab.shows("steps", "1");
      site.clock.advance(1_000);
      await tab.shows("steps", "2");
      expect([...new Set(await tab.shown("steps"))]).toEqual(["0", "1", "2"]);
    });

    it("waits for the result in one call", async () => {
      await using site = await openSite(browser(), way);
      const tab = await site.open(calls);
      await tab.start({ ...ENDLESS, payload: "hello" });
      await tab.press("Wait");
      await site.waiting(1);
      site.clock.advance(60_000);
      expect([await tab.shown("ends"), site.log.calls]).toEqual([
        ["hello"],
        ["SimulateWork", "WaitOperation"],
      ]);
    });

    it("hears that the work was cancelled", async () => {
      await using site = await openSite(browser(), way);
      const tab = await site.open(calls);
      await tab.start(ENDLESS);
      await tab.press("Wait");
      await site.waiting(1);
      await tab.press("Cancel");
      expect(await tab.shownAsJson("ends")).toMatchObject([
        { code: "CANCELLED", reason: "OPERATION_CANCELLED" },
      ]);
    });

    it("reads what the work failed with, and its details by their types", async () => {
      await using site = await openSite(browser(), way);
      const tab = await site.open(calls);
      await tab.start(FAILING);
      await tab.press("Wait");
      expect(await tab.shownAsJson("ends")).toEqual([
        { code: "INVALID_ARGUMENT", message: "the report has no title", fields: ["report.title"] },
      ]);
    });

    it("reads why an operation cannot be found", async () => {
      await using site = await openSite(browser(), way);
      const tab = await site.open(calls);
      await tab.name("operations/none");
      await tab.press("Wait");
      expect(await tab.shownAsJson("ends")).toEqual([
        {
          code: "NOT_FOUND",
          message: 'operation "operations/none" is not found',
          reason: "OPERATION_NOT_FOUND",
        },
      ]);
    });

    it("lists an operation of a type that nobody knows among the others", async () => {
      await using site = await openSite(browser(), way);
      const tab = await site.open(calls);
      const name = await tab.start(ENDLESS);
      await tab.press("List");
      const foreign = { typeUrl: "type.googleapis.com/far.away.Thing", base64: "/wB/" };
      expect(await tab.shownAsJson("operations")).toEqual([{ name }, { name: FOREIGN, foreign }]);
    });

    it("leaves nobody waiting in the server when it stops waiting", async () => {
      await using site = await openSite(browser(), way);
      const tab = await site.open(calls);
      await tab.name(FOREIGN);
      await tab.press("Wait");
      await site.waiting(1);
      await tab.press("Stop waiting");
      await site.waiting(0);
      expect([await tab.shown("ends"), site.store.changes.isAwaited(FOREIGN)]).toEqual([
        ["stopped waiting"],
        false,
      ]);
    });

    it("leaves nobody waiting in the server when its tab is closed", async () => {
      await using site = await openSite(browser(), way);
      const tab = await site.open(calls);
      await tab.name(FOREIGN);
      await tab.press("Wait");
      await site.waiting(1);
      await tab.close();
      await site.waiting(0);
      expect(site.store.changes.isAwaited(FOREIGN)).toBe(false);
    });
  });
});
