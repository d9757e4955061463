import type { Page } from "playwright-core";
import { vi } from "vitest";

declare global {
  interface Window {
    /** How long each task of the page took that took more than 50 ms. */
    longTasks?: number[];
  }
}

/** Waits until something is so. */
export function until(isSo: () => boolean | Promise<boolean>): Promise<boolean> {
  return vi.waitUntil(isSo, { interval: 50, timeout: 20_000 });
}

/** The row of an operation. */
export function rowOf(page: Page, name: string) {
  return page.getByRole("row").filter({ has: page.locator(`a[title=${JSON.stringify(name)}]`) });
}

/** The names in the rows that are drawn, from the top. */
export async function rowNames(page: Page): Promise<string[]> {
  const links = page.getByRole("grid").getByRole("link");
  return await links.evaluateAll((found) => found.map((link) => link.getAttribute("title") ?? ""));
}

/** How many operations there are in the list, drawn or not. */
export async function countOf(page: Page): Promise<number> {
  const grid = page.getByRole("grid");
  return (await grid.count()) === 0 ? 0 : Number(await grid.getAttribute("aria-rowcount")) - 1;
}

/** Keeps the page busy for so long. */
export function takeLong(ms: number): void {
  // What Chromium is told by its debugger is no task of the page.
  setTimeout(() => {
    const endMs = performance.now() + ms;
    while (performance.now() < endMs);
  });
}

/** Notes from now on how long the tasks of the page take. */
export function observeLongTasks(): void {
  window.longTasks = [];
  new PerformanceObserver((list) => {
    window.longTasks?.push(...list.getEntries().map(({ duration }) => duration));
  }).observe({ type: "longtask" });
}
