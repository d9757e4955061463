import { describe, expect, it } from "vitest";
import { WAYS } from "./matrix.ts";
import { FOREIGN, openSite, type Site } from "./open-site.ts";
import type { Tab } from "./tab.ts";
import { useBrowser } from "./use-browser.ts";

/** How many connections of HTTP/1.1 a browser has with a server. Each carries one call at a time. */
const CONNECTIONS = 6;

/** One with this package's client, and one without. */
const KINDS = ["connect-binary", "fetch-rest"] as const;

describe.each(WAYS.filter(({ protocol }) => protocol === "http/1.1"))("over $name", (way) => {
  const browser = useBrowser(way);

  it.each(KINDS)("twelve waits of a %s page go six at a time", async (calls) => {
    await using site = await openSite(browser(), way);
    const tab = await site.open(calls);
    await tab.start({ duration: "60s", payload: "hello" });
    await waitOften(site, tab, 2 * CONNECTIONS, CONNECTIONS);
    site.clock.advance(60_000);
    expect([await tab.shown("ends", 2 * CONNECTIONS), site.log.mostAtOnce("WaitOperation")]).toEqual([
      Array(2 * CONNECTIONS).fill("hello"),
      CONNECTIONS,
    ]);
  });

  it("two tabs have six waits at a time together", async () => {
    await using site = await openSite(browser(), way);
    const [one, other] = [await site.open("connect-json"), await site.open("fetch-json")];
    await other.name(await one.start({ duration: "60s", payload: "hello" }));
    await waitOften(site, one, CONNECTIONS - 1, CONNECTIONS - 1);
    await waitOften(site, other, CONNECTIONS - 1, CONNECTIONS);
    site.clock.advance(60_000);
    await other.shown("ends", CONNECTIONS - 1);
    expect(site.log.mostAtOnce("WaitOperation")).toBe(CONNECTIONS);
  });

  it("a cancel comes only after one of six waits is over", async () => {
    await using site = await openSite(browser(), way);
    const tab = await site.open("connect-json");
    await tab.name(FOREIGN);
    await waitOften(site, tab, CONNECTIONS, CONNECTIONS);
    await tab.press("Cancel");
    await tab.roundTrip();
    await tab.press("Stop waiting");
    await site.called("CancelOperation");
    const { lines } = site.log;
    expect(lines.indexOf("WaitOperation over")).toBeLessThan(lines.indexOf("CancelOperation"));
  });
});

describe.each(WAYS.filter(({ protocol }) => protocol === "h2"))("over $name", (way) => {
  const browser = useBrowser(way);

  it.each(KINDS)("a hundred waits of a %s page go at a time", async (calls) => {
    await using site = await openSite(browser(), way);
    const tab = await site.open(calls);
    await tab.start({ duration: "60s", payload: "hello" });
    await waitOften(site, tab, 100, 100);
    site.clock.advance(60_000);
    expect(await tab.shown("ends", 100)).toEqual(Array(100).fill("hello"));
  });

  it("a cancel comes while twelve waits go on", async () => {
    await using site = await openSite(browser(), way);
    const tab = await site.open("connect-json");
    await tab.name(FOREIGN);
    await waitOften(site, tab, 2 * CONNECTIONS, 2 * CONNECTIONS);
    await tab.press("Cancel");
    await site.called("CancelOperation");
    expect(site.log.lines).not.toContain("WaitOperation over");
  });
});

/** Waits so often in a tab, until so many waits have come to the server, and more would have come if they could. */
async function waitOften(site: Site, tab: Tab, times: number, come: number): Promise<void> {
  await tab.press("Wait", times);
  await site.waiting(come);
  await tab.roundTrip();
}
