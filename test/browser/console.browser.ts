import { create } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import axe from "axe-core";
import { jwtBearer } from "longrunning/jwt";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { newStoredOperation } from "../../src/operation/stored-operation.ts";
import { AUDIENCE, ISSUER, openTokenIssuer } from "../access/token-issuer.ts";
import { countOf, observeLongTasks, rowNames, rowOf, takeLong, until } from "./console-page.ts";
import { HTTP1 } from "./matrix.ts";
import { type OpenConsole, openConsole, PHONE, WIDE } from "./open-console.ts";
import { useBrowser } from "./use-browser.ts";

/** Work that nothing but a cancel ends: its clock stands still. */
const ENDLESS = { duration: "60s", steps: 4 };

const FAILING = {
  error: {
    code: 9,
    message: "the disk is full",
    details: [
      {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        reason: "DISK_FULL",
        domain: "storage.example",
        metadata: { disk: "sda1" },
      },
      {
        "@type": "type.googleapis.com/google.rpc.BadRequest",
        fieldViolations: [{ field: "report.title", description: "is empty" }],
      },
      {
        "@type": "type.googleapis.com/google.rpc.Help",
        links: [
          { description: "how to free space", url: "https://example.com/disk" },
          { description: "a trap", url: "javascript:alert(1)" },
        ],
      },
    ],
  },
};

/** The operation of a type that nobody knows, with the bytes ff 00 and "hello". */
const FOREIGN = "operations/foreign";

const browser = useBrowser(HTTP1);

describe("the list", () => {
  it("shows what is started while one looks at it", async () => {
    await using site = await openConsole(browser());
    await site.page.getByText("No operations yet.").waitFor();
    const name = await site.start(ENDLESS);
    await rowOf(site.page, name).waitFor();
    expect(await rowOf(site.page, name).innerText()).toContain("Running");
  });

  it("moves the bars with the work, and tells how it ends", async () => {
    await using site = await openConsole(browser());
    const name = await site.start(ENDLESS);
    const bar = rowOf(site.page, name).getByRole("progressbar");
    const seen: (string | null)[] = [];
    for (const percent of ["0", "25", "50", "75"]) {
      await expectText(bar, "aria-valuenow", percent);
      seen.push(await bar.getAttribute("aria-valuenow"));
      site.clock.advance(15_000);
    }
    await rowOf(site.page, name).getByText("Succeeded").waitFor();
    expect(seen).toEqual(["0", "25", "50", "75"]);
  });

  it("shows what matches a filter, and what is filtered stays in the address", async () => {
    await using site = await openConsole(browser());
    await site.start({ payload: "done at once" });
    const running = await site.start(ENDLESS);
    await filterBy(site.page, "done=false");
    await until(async () => (await rowNames(site.page)).length === 1);
    expect([await rowNames(site.page), new URL(site.page.url()).hash]).toEqual([
      [running],
      "#/?filter=done%3Dfalse",
    ]);
  });

  it("lets go of what matches no longer", async () => {
    await using site = await openConsole(browser(), { hash: "#/?filter=done=false" });
    const name = await site.start(ENDLESS);
    await rowOf(site.page, name).waitFor();
    site.clock.advance(60_000);
    await rowOf(site.page, name).waitFor({ state: "detached" });
    expect(await site.page.getByText("No operation matches.").isVisible()).toBe(true);
  });

  it.each([
    ["All", 3],
    ["Running", 1],
    ["Succeeded", 1],
    ["Failed", 1],
    ["Cancelled", 0],
  ])("has a filter for %s", async (preset, count) => {
    await using site = await openConsole(browser());
    await site.start(ENDLESS);
    await site.start({ payload: "done" });
    await site.start(FAILING);
    await until(async () => (await rowNames(site.page)).length === 3);
    await site.page.getByRole("link", { name: preset, exact: true }).click();
    await until(async () => (await rowNames(site.page)).length === count);
    expect(await rowNames(site.page)).toHaveLength(count);
  });

  it("points at what is wrong with a filter", async () => {
    await using site = await openConsole(browser());
    await site.start(ENDLESS);
    await filterBy(site.page, "done=maybe");
    const fault = site.page.getByRole("alert");
    await fault.waitFor();
    expect([await fault.locator("mark").textContent(), await fault.locator("span").textContent()]).toEqual([
      "m",
      'filter "done=maybe" has "maybe" where true or false should be (column 6)',
    ]);
    await site.picture("filter-fault");
  });

  it("goes on to older operations, a page at a time, and back", async () => {
    await using site = await openConsole(browser());
    for (let i = 0; i < 150; i++) await site.start({ payload: String(i) });
    await site.page.reload();
    await until(async () => (await countOf(site.page)) === 100);
    await site.page.getByRole("button", { name: "Older" }).click();
    await until(async () => (await countOf(site.page)) === 50);
    await site.page.getByRole("link", { name: "Newest" }).click();
    await until(async () => (await countOf(site.page)) === 100);
    expect(await site.page.getByRole("button", { name: "Older" }).isEnabled()).toBe(true);
  });

  it("misses nothing between two pages when new operations have come meanwhile", async () => {
    await using site = await openConsole(browser());
    const names: string[] = [];
    for (let i = 0; i < 120; i++) names.push(await site.start({ payload: String(i) }));
    await site.page.reload();
    await site.page.getByRole("status").getByText("Live").waitFor();
    await until(async () => (await countOf(site.page)) === 100);
    for (let i = 0; i < 30; i++) names.push(await site.start({ payload: "new" }));
    const newest = names.at(-1) ?? "";
    await rowOf(site.page, newest).waitFor();
    await site.page.getByRole("button", { name: "Older" }).click();
    await until(async () => (await countOf(site.page)) === 50);
    expect(await rowNames(site.page)).toContain(names[45]);
  });

  it("tells of work that still runs on an older page", async () => {
    await using site = await openConsole(browser());
    const old = await site.start(ENDLESS);
    for (let i = 0; i < 100; i++) await site.start({ payload: String(i) });
    await site.page.reload();
    await site.page.getByRole("button", { name: "Older" }).click();
    await rowOf(site.page, old).getByText("Running").waitFor();
    site.clock.advance(60_000);
    await rowOf(site.page, old).getByText("Succeeded").waitFor();
    expect(await countOf(site.page)).toBe(1);
  });

  it("has the operations of a parent", async () => {
    await using site = await openConsole(browser());
    await site.start(ENDLESS);
    const name = await site.start({ ...ENDLESS, parent: "projects/p" });
    await site.page.getByLabel("Parent").fill("projects/-");
    await site.page.getByLabel("Parent").press("Enter");
    await rowOf(site.page, name).waitFor();
    expect(await rowNames(site.page)).toEqual([name]);
  });

  it("asks again and again where watching is off", async () => {
    await using site = await openConsole(browser(), { create: { watch: false } });
    await site.page.getByText("Asks every 2 s").waitFor();
    const name = await site.start(ENDLESS);
    await rowOf(site.page, name).waitFor();
    expect(site.log.calls).not.toContain("WatchOperations");
  });

  it("goes on after the server was started again", async () => {
    await using site = await openConsole(browser());
    await site.page.getByRole("status").getByText("Live").waitFor();
    await site.restart();
    const name = await site.start(ENDLESS);
    await rowOf(site.page, name).waitFor();
    expect(await rowNames(site.page)).toEqual([name]);
  });
});

describe("a thousand live rows", () => {
  it("are drawn as few, and hold up nobody", async () => {
    await using site = await openConsole(browser(), { hash: "#/?size=1000" });
    for (let started = 0; started < 1_000; started += 50) {
      await Promise.all(Array.from({ length: 50 }, () => site.start({ duration: "100s", steps: 100 })));
    }
    await until(async () => (await countOf(site.page)) === 1_000);
    await site.page.evaluate(observeLongTasks);
    // So that it is known that one would be seen.
    await site.page.evaluate(takeLong, 200);
    await until(() => site.page.evaluate(() => (window.longTasks ?? []).splice(0).length > 0));
    // Each step changes all of the thousand.
    for (let step = 0; step < 5; step++) {
      site.clock.advance(1_000);
      await site.page
        .getByText(`${step + 1} %`, { exact: true })
        .first()
        .waitFor();
    }
    const longest = await site.page.evaluate(() => Math.max(0, ...(window.longTasks ?? [])));
    console.log(`5,000 changes of 1,000 rows: the longest task took ${Math.round(longest)} ms`);
    await site.picture("thousand-rows");
    expect([await site.page.getByRole("row").count(), longest]).toEqual([
      expect.toSatisfy((count: number) => count < 60),
      expect.toSatisfy((ms: number) => ms < 200),
    ]);
  });

  it("stay where they are while new ones come in above", async () => {
    await using site = await openConsole(browser());
    const names: string[] = [];
    for (let i = 0; i < 60; i++) names.push(await site.start(ENDLESS));
    await until(async () => (await countOf(site.page)) === 60);
    await site.page.locator(".rows").evaluate((rows) => rows.scrollTo(0, 1_100));
    await rowOf(site.page, names[34] ?? "").waitFor();
    const before = await rowOf(site.page, names[34] ?? "").boundingBox();
    for (let i = 0; i < 5; i++) await site.start(ENDLESS);
    await until(async () => (await countOf(site.page)) === 65);
    expect(await rowOf(site.page, names[34] ?? "").boundingBox()).toEqual(before);
  });
});

describe("one operation", () => {
  it("has a page of its own that moves with it", async () => {
    await using site = await openConsole(browser());
    const name = await site.start({ ...ENDLESS, payload: "hello" });
    await site.go(`#/${name}`);
    const bar = site.page.getByRole("progressbar");
    await expectText(bar, "aria-valuenow", "0");
    site.clock.advance(30_000);
    await expectText(bar, "aria-valuenow", "50");
    await site.picture("operation-running");
    site.clock.advance(30_000);
    await site.page.getByRole("heading", { name: "Response" }).waitFor();
    expect(await site.page.locator("section", { hasText: "Response" }).innerText()).toContain("hello");
  });

  it("shows when what was of it", async () => {
    await using site = await openConsole(browser());
    const name = await site.start(ENDLESS);
    await site.go(`#/${name}`);
    const timeline = site.page.getByRole("region", { name: "Timeline" });
    await timeline.getByText("Created").waitFor();
    const shown = await timeline.locator("time").getAttribute("datetime");
    expect(new Date(shown ?? "").getTime()).toBe((await site.store.get(name))?.createTimeMs);
  });

  it("shows why it failed, by the types of the details", async () => {
    await using site = await openConsole(browser());
    const name = await site.start(FAILING);
    await site.go(`#/${name}`);
    const error = site.page.getByRole("region", { name: "Error" });
    await error.waitFor();
    await site.picture("operation-failed");
    expect((await error.innerText()).split("\n").filter((line) => line !== "")).toEqual(
      expect.arrayContaining(["DISK_FULL", "sda1", "report.title", "is empty", "google.rpc.BadRequest"]),
    );
  });

  it("makes a link of what leads to a page, and of nothing else", async () => {
    await using site = await openConsole(browser());
    const name = await site.start(FAILING);
    await site.go(`#/${name}`);
    const error = site.page.getByRole("region", { name: "Error" });
    await error.getByText("javascript:alert(1)").waitFor();
    const links = error.getByRole("link");
    expect(await links.evaluateAll((found) => found.map((link) => link.getAttribute("href")))).toEqual([
      "https://example.com/disk",
    ]);
  });

  it("shows the bytes of a type that nobody knows", async () => {
    await using site = await openConsole(browser());
    await insertForeign(site);
    await site.go(`#/${FOREIGN}`);
    await site.page.getByText("type.googleapis.com/far.away.Thing").waitFor();
    await site.page.getByText("Base64").click();
    await site.picture("operation-unknown-type");
    expect(await site.page.locator(".bytes pre").allInnerTexts()).toEqual([
      expect.stringMatching(/^0000 {2}ff 00 68 65 6c 6c 6f\s+··hello$/),
      "/wBoZWxsbw==",
    ]);
  });

  it("is cancelled when one has said so twice", async () => {
    await using site = await openConsole(browser());
    await site.go(`#/${await site.start(ENDLESS)}`);
    await site.page.getByRole("button", { name: "Cancel…" }).click();
    await site.picture("cancel");
    await site.page.getByRole("dialog").getByRole("button", { name: "Cancel it" }).click();
    await site.page.getByText("OPERATION_CANCELLED").waitFor();
    expect(await site.page.getByRole("dialog").count()).toBe(0);
  });

  it("goes on when one does not confirm", async () => {
    await using site = await openConsole(browser());
    const name = await site.start(ENDLESS);
    await site.go(`#/${name}`);
    await site.page.getByRole("button", { name: "Cancel…" }).click();
    await site.page.keyboard.press("Escape");
    await site.page.getByRole("dialog").waitFor({ state: "detached" });
    expect([
      site.log.calls.includes("CancelOperation"),
      (await site.store.get(name))?.cancelRequested,
    ]).toEqual([false, false]);
  });

  it("is deleted when one has said so twice, and one is back in the list", async () => {
    await using site = await openConsole(browser());
    const name = await site.start({ payload: "done" });
    await site.go(`#/${name}`);
    await site.page.getByRole("button", { name: "Delete…" }).click();
    await site.page.getByRole("dialog").getByRole("button", { name: "Delete it" }).click();
    await site.page.getByText("No operations yet.").waitFor();
    expect(await site.store.get(name)).toBeUndefined();
  });

  it("says so when somebody else deletes it", async () => {
    await using site = await openConsole(browser());
    const name = await site.start(ENDLESS);
    await site.go(`#/${name}`);
    await site.page.getByRole("status").getByText("Live").waitFor();
    await fetch(`${site.url}/v1/${name}`, { method: "DELETE" });
    await site.page.getByText("This operation was deleted").waitFor();
    expect(await site.page.getByRole("button", { name: "Cancel…" }).count()).toBe(0);
  });

  it("says so when there is none of that name", async () => {
    await using site = await openConsole(browser(), { hash: "#/operations/none" });
    await site.page.getByText("There is no such operation.").waitFor();
    await site.picture("operation-none");
    expect(site.complaints).toEqual([]);
  });

  it("is started by the simulator", async () => {
    await using site = await openConsole(browser());
    await site.page.getByRole("button", { name: "Simulate…" }).click();
    await site.page.getByLabel("Seconds").fill("8");
    await site.page.getByLabel("Ends with").selectOption("NOT_FOUND");
    await site.page.getByLabel("Message of the error").fill("no such report");
    await site.picture("simulate");
    await site.page.getByRole("button", { name: "Start", exact: true }).click();
    await site.page.getByRole("progressbar").waitFor();
    site.clock.advance(8_000);
    await site.page.getByText("no such report").waitFor();
    expect(await site.page.getByRole("region", { name: "Error" }).innerText()).toContain("NOT_FOUND");
  });

  it("is not offered to be simulated where the server has no simulator", async () => {
    await using site = await openConsole(browser(), { simulator: false });
    await site.page.getByRole("status").getByText("Live").waitFor();
    expect(await site.page.getByRole("button", { name: "Simulate…" }).count()).toBe(0);
  });
});

describe("by the keyboard alone", () => {
  it("one filters, walks the list, opens an operation, cancels it and comes back", async () => {
    await using site = await openConsole(browser());
    const [first] = [await site.start(ENDLESS), await site.start(ENDLESS)];
    await until(async () => (await countOf(site.page)) === 2);
    const press = async (...keys: string[]) => {
      for (const key of keys) await site.page.keyboard.press(key);
    };
    await press("/");
    await site.page.keyboard.type("done=false");
    await press("Enter");
    await site.page.waitForURL(/filter=done/);
    await until(async () => (await countOf(site.page)) === 2);
    await tabTo(site.page, "Operations");
    await press("ArrowDown", "Enter");
    await site.page.getByRole("heading", { name: first }).waitFor();
    await tabTo(site.page, "Cancel…");
    await press("Enter");
    await tabTo(site.page, "Cancel it");
    await press("Enter");
    await site.page.getByText("OPERATION_CANCELLED").waitFor();
    await tabTo(site.page, "← Operations");
    await press("Enter");
    await until(async () => (await countOf(site.page)) === 1);
    expect(new URL(site.page.url()).hash).toBe("#/?filter=done%3Dfalse");
  });

  it("one sees where one is", async () => {
    await using site = await openConsole(browser());
    await site.start(ENDLESS);
    await until(async () => (await countOf(site.page)) === 1);
    const outlines: string[] = [];
    for (let i = 0; i < 12; i++) {
      await site.page.keyboard.press("Tab");
      const outline = await site.page.evaluate(() => {
        const focused = document.activeElement;
        return focused === null || focused === document.body
          ? "page"
          : getComputedStyle(focused).outlineStyle;
      });
      if (outline === "page") break;
      outlines.push(outline);
    }
    expect([outlines.length > 8, new Set(outlines)]).toEqual([true, new Set(["solid"])]);
  });
});

describe.each(["light", "dark"] as const)("in the %s theme", (colorScheme) => {
  describe.each([
    ["wide", WIDE],
    ["phone", PHONE],
  ] as const)("on a %s screen", (width, viewport) => {
    it("has nothing that axe objects to, and nothing beyond its edges, wherever one goes", async () => {
      await using site = await openConsole(browser(), { viewport, colorScheme });
      for (let i = 0; i < 30; i++) await site.start(ENDLESS);
      await insertForeign(site);
      const findings: string[] = [];
      const look = async (place: string, shown: string) => {
        await site.page.getByText(shown).first().waitFor();
        await site.picture(`${place}-${width}-${colorScheme}`);
        findings.push(...(await axeFindings(site.page)));
        if (await isWiderThanItsScreen(site.page)) findings.push(`${place} is wider than its screen`);
      };
      await look("list", "31 running");
      await site.go("#/?filter=done%3Dmaybe");
      await look("fault", "true or false");
      await site.go("#/?filter=done%3Dfalse%20AND%20done%3Dtrue");
      await look("empty", "No operation matches.");
      await site.go(`#/${FOREIGN}`);
      await look("foreign", "far.away.Thing");
      await site.go("#/operations/none");
      await look("none", "There is no such operation.");
      await site.go(`#/${await site.start(FAILING)}`);
      await look("failed", "DISK_FULL");
      await site.page.getByRole("button", { name: "Delete…" }).click();
      await look("delete", "Delete this operation?");
      await site.page.keyboard.press("Escape");
      await site.page.getByRole("button", { name: "Simulate…" }).click();
      await look("simulate", "Simulate work");
      expect(findings).toEqual([]);
    }, 60_000);
  });
});

it("is switched from light to dark, and stays so", async () => {
  await using site = await openConsole(browser());
  const background = () =>
    site.page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await background();
  await site.page.getByRole("button", { name: "Use the dark theme" }).click();
  const dark = await background();
  await site.page.reload();
  await site.page.getByRole("button", { name: "Use the light theme" }).waitFor();
  expect([light === dark, await background()]).toEqual([false, dark]);
});

describe("the page", () => {
  it("watches by one call at a time, wherever one goes", async () => {
    await using site = await openConsole(browser());
    const name = await site.start(ENDLESS);
    for (const hash of ["#/", `#/${name}`, "#/?filter=done%3Dfalse", "#/?size=1000"]) {
      await site.go(hash);
      await site.page.getByRole("status").getByText("Live").waitFor();
    }
    await until(() => site.watching === 1);
    expect([site.watching, site.log.calls.filter((call) => call === "WatchOperations").length]).toEqual([
      1, 4,
    ]);
  });

  it("leaves its connection to others while nobody sees it, and is up to date when somebody does", async () => {
    await using site = await openConsole(browser());
    await site.page.getByRole("status").getByText("Live").waitFor();
    await site.page.evaluate(turnTab, "hidden" as const);
    await until(() => site.watching === 0);
    const name = await site.start(ENDLESS);
    await site.page.evaluate(turnTab, "visible" as const);
    await rowOf(site.page, name).waitFor();
    expect(site.watching).toBe(1);
  });

  it("loads from its own server alone, and its policy has nothing to refuse", async () => {
    await using site = await openConsole(browser());
    const name = await site.start(FAILING);
    await rowOf(site.page, name).waitFor();
    await site.go(`#/${name}`);
    await site.page.getByRole("region", { name: "Error" }).waitFor();
    await site.page.getByRole("button", { name: "Delete…" }).click();
    const origins = new Set(site.requests.map((address) => new URL(address).origin));
    expect([[...origins], site.complaints]).toEqual([[site.url], []]);
  });

  it("takes text for text, wherever it comes from", async () => {
    await using site = await openConsole(browser());
    const trap = '<img src="/x" onerror="document.title=1">';
    const name = await site.start({ error: { code: 3, message: trap } });
    await site.go(`#/${name}`);
    await site.page.getByText(trap).waitFor();
    expect([await site.page.locator("img").count(), site.complaints]).toEqual([0, []]);
  });

  it("asks for a token where the server does, and forgets it with the tab", async () => {
    await using issuer = await openTokenIssuer();
    const authenticate = jwtBearer({ issuer: ISSUER, audience: AUDIENCE, keys: issuer.url });
    await using site = await openConsole(browser(), { create: { access: { authenticate } } });
    const field = site.page.getByLabel("Bearer token");
    await field.waitFor();
    await site.picture("sign-in");
    await field.fill("nonsense");
    await field.press("Enter");
    await site.page.getByText("The token was refused").waitFor();
    await field.fill(await issuer.token("alice"));
    await field.press("Enter");
    await site.page.getByRole("status").getByText("Live").waitFor();
    const kept = await site.page.evaluate(() => [
      sessionStorage.length,
      localStorage.length,
      document.cookie,
    ]);
    expect(kept).toEqual([1, 0, ""]);
  });

  it("has nothing that axe objects to where it asks for a token", async () => {
    await using site = await openConsole(browser(), {
      create: { access: { authenticate: () => undefined } },
    });
    await site.page.getByLabel("Bearer token").waitFor();
    expect(await axeFindings(site.page)).toEqual([]);
  });

  it("forgets the token when one signs out", async () => {
    await using issuer = await openTokenIssuer();
    const authenticate = jwtBearer({ issuer: ISSUER, audience: AUDIENCE, keys: issuer.url });
    await using site = await openConsole(browser(), { create: { access: { authenticate } } });
    await site.page.getByLabel("Bearer token").fill(await issuer.token("alice"));
    await site.page.getByLabel("Bearer token").press("Enter");
    await site.page.getByRole("button", { name: "Sign out" }).click();
    await site.page.getByLabel("Bearer token").waitFor();
    expect(await site.page.evaluate(() => sessionStorage.length)).toBe(0);
  });
});

async function filterBy(page: Page, filter: string): Promise<void> {
  await page.getByLabel("Filter", { exact: true }).fill(filter);
  await page.getByLabel("Filter", { exact: true }).press("Enter");
}

async function expectText(locator: ReturnType<Page["locator"]>, attribute: string, value: string) {
  await until(async () => (await locator.getAttribute(attribute)) === value);
}

/** Presses Tab until what has that name has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let i = 0; i < 30; i++) {
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      return element?.getAttribute("aria-label") ?? element?.textContent ?? "";
    });
    if (focused === name) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`"${name}" is not within reach of the keyboard`);
}

/** Keeps an operation that runs for ever, and whose metadata nobody knows. */
async function insertForeign({ store }: OpenConsole): Promise<void> {
  const value = Uint8Array.of(255, 0, ...new TextEncoder().encode("hello"));
  const metadata = create(AnySchema, { typeUrl: "type.googleapis.com/far.away.Thing", value });
  await store.insert(newStoredOperation({ name: FOREIGN, parent: "", createTimeMs: 0, metadata }));
}

declare global {
  interface Window {
    axe: typeof axe;
  }
}

async function axeFindings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run());
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

function isWiderThanItsScreen(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
}

/** Does as if somebody had gone to another tab, or had come back. */
function turnTab(visibilityState: DocumentVisibilityState): void {
  Object.defineProperty(document, "visibilityState", { value: visibilityState, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}
