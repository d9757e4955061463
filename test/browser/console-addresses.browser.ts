import { describe, expect, it } from "vitest";
import { rowNames, rowOf } from "./console-page.ts";
import { keepOperation } from "./keep-operation.ts";
import { HTTP1 } from "./matrix.ts";
import { openConsole } from "./open-console.ts";
import { useBrowser } from "./use-browser.ts";

const browser = useBrowser(HTTP1);

const TRAP = `"><img src=x onerror="window.isCaught=true">`;

describe("an operation", () => {
  it.each([
    "operations/%2e",
    "operations/%",
    "operations/..",
    "operations/a%2Fb?c#d&e=f+g",
    'operations/"<b>&amp;',
    "operations/😀",
    "operations/constructor",
    `operations/${"x".repeat(200)}`,
  ])("named %s has a page that its row leads to", async (name) => {
    await using site = await openConsole(browser());
    await keepOperation(site.store, name, {});
    await rowOf(site.page, name).getByRole("link").click();
    await site.page.locator(".title").getByText("Running").waitFor();
    await site.page.reload();
    await site.page.locator(".title").getByText("Running").waitFor();
    expect([await site.page.getByRole("heading", { level: 1 }).textContent(), site.complaints]).toEqual([
      name,
      [],
    ]);
  });
});

/** Hashes that no link of the page has. */
const MADE_UP = [
  ...["#", "#/", "#//", "#/?", "#?", "#/?size=7", "#/?size=1e999", "#/?token=%00", "#/?token=garbage"],
  ...["#/?parent=../..", "#/?parent=%20", "#/%", "#/%E0%A4%A", "#/operations/", "#/operations//x"],
  ...["#operations/none", "#/operations/none?x#y", "#/__proto__", "#javascript:alert(1)"],
  ...["#/?filter=%F0%9F%98%80", `#/?filter=${"(".repeat(5_000)}`, `#/?filter=${encodeURIComponent(TRAP)}`],
  ...[`#/?parent=${encodeURIComponent(TRAP)}`, `#/${encodeURIComponent(TRAP)}`, `#/${"x".repeat(100_000)}`],
];

describe("an address that somebody has made up", () => {
  it.each(MADE_UP.map((hash) => [hash.slice(0, 40), hash] as const))(
    "leads somewhere, and back to the list: %s",
    async (_, hash) => {
      await using site = await openConsole(browser(), { hash });
      const name = await site.start({ duration: "60s", steps: 4 });
      const places = site.page
        .getByRole("grid")
        .or(site.page.getByRole("alert"))
        .or(site.page.locator(".nothing"));
      await places.first().waitFor();
      await site.page.getByRole("link", { name: "Operations", exact: true }).click();
      await rowOf(site.page, name).waitFor();
      expect([await rowNames(site.page), site.complaints]).toEqual([[name], []]);
    },
  );
});

it("marks a whole character of a filter that is wrong", async () => {
  await using site = await openConsole(browser(), { hash: `#/?filter=${encodeURIComponent("done=😀")}` });
  await site.page.getByRole("alert").waitFor();
  expect(await site.page.locator("mark").textContent()).toBe("😀");
});
