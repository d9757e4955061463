import type { BrowserContext, Page } from "playwright-core";
import { vi } from "vitest";
import type { CallKind } from "./matrix.ts";

/** What can be pressed in a page. */
export type Button = "Start" | "Watch" | "Wait" | "Stop waiting" | "Cancel" | "List";

/** Where a page shows what it has heard. */
export type List = "steps" | "ends" | "operations" | "refusals";

/** A tab in the background draws no frames, by which Playwright would look. */
const PATIENCE = { interval: 20, timeout: 20_000 };

/** Where to look in a page, and for what. */
type Look = readonly [selector: string, wanted: string | number];

const BLANK = "about:blank";

/** A page in a tab, as a person has it. */
export class Tab {
  /** What Chromium itself says of the page, for developers. */
  readonly said: readonly string[];
  readonly #page: Page;

  constructor(page: Page) {
    const said: string[] = [];
    page.on("console", (message) => said.push(message.text()));
    page.on("pageerror", (error) => said.push(String(error)));
    this.said = said;
    this.#page = page;
  }

  /** Writes down what work to start. */
  async order(work: object): Promise<void> {
    await this.#write("textarea", JSON.stringify(work));
  }

  /** Starts work, and answers the name of its operation, which is then in the page's field. */
  async start(work: object): Promise<string> {
    await this.order(work);
    await this.press("Start");
    await this.#until(
      ([field, empty]) => document.querySelector<HTMLInputElement>(field)?.value !== empty,
      ["input", ""],
    );
    return this.#page.locator("input").inputValue();
  }

  /** Writes the name of an operation into the page's field. */
  async name(operation: string): Promise<void> {
    await this.#write("input", operation);
  }

  async press(button: Button, times = 1): Promise<void> {
    const found = this.#page.getByRole("button", { name: button, exact: true });
    await found.evaluate((pressed: HTMLButtonElement, often) => {
      for (let i = 0; i < often; i++) pressed.click();
    }, times);
  }

  /** Asks the page's own server for something: what the page has sent before has left the browser then, if it may. */
  async roundTrip(): Promise<void> {
    await this.#page.evaluate(async () => {
      await (await fetch(location.href)).text();
    });
  }

  /** Sends a POST that a browser sends without asking the server first (CORS), and hears nothing. */
  async postUnasked(url: string): Promise<void> {
    await this.#page.evaluate(async (to) => {
      await fetch(to, { method: "POST", mode: "no-cors" });
    }, url);
  }

  /** What a list of the page shows, once there is so much on it, and nothing is open any more. */
  async shown(list: List, atLeast = 1): Promise<string[]> {
    await this.#until(
      ([items, count]) => {
        const texts = Array.from(document.querySelectorAll(items), ({ textContent }) => textContent);
        return texts.length >= Number(count) && !texts.includes("…");
      },
      [itemsOf(list), atLeast],
      list === "refusals",
    );
    return this.#page.locator(itemsOf(list)).allInnerTexts();
  }

  /** Resolves once a list of the page shows that text. */
  async shows(list: List, text: string): Promise<void> {
    await this.#until(
      ([items, wanted]) =>
        Array.from(document.querySelectorAll(items)).some(({ textContent }) => textContent === wanted),
      [itemsOf(list), text],
    );
  }

  /** What a list of the page shows as JSON, once something is there. */
  async shownAsJson(list: List): Promise<unknown[]> {
    return (await this.shown(list)).map((text) => JSON.parse(text));
  }

  /** The HTTPs that the page's calls of an origin went by, as the browser tells the page. */
  async protocolsTo(origin: string): Promise<string[]> {
    const protocols = await this.#page.evaluate((to) => {
      const entries = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
      return entries.filter(({ name }) => name.startsWith(to)).map((entry) => entry.nextHopProtocol);
    }, origin);
    return [...new Set(protocols)];
  }

  async close(): Promise<void> {
    await this.#page.close();
  }

  /** Leaves the page, and the tab to the next who opens one. */
  async leave(): Promise<void> {
    if (this.#page.isClosed()) return;
    this.#page.removeAllListeners();
    await this.#page.goto(BLANK);
  }

  /** Waits until something is so in the page. Rejects with what the page was refused, unless that is what it waits for. */
  async #until(isSo: (look: Look) => boolean, look: Look, refused = false): Promise<void> {
    await vi.waitUntil(async () => {
      if (await this.#page.evaluate(isSo, look)) return true;
      const refusals = await this.#page.locator(itemsOf("refusals")).allInnerTexts();
      if (!refused && refusals.length > 0) throw new Error(`the page was refused: ${refusals}`);
      return false;
    }, PATIENCE);
  }

  // Playwright's own fill waits for frames, and there are many tests.
  async #write(field: "textarea" | "input", text: string): Promise<void> {
    const found = this.#page.locator(field);
    await found.evaluate((written: HTMLTextAreaElement | HTMLInputElement, value) => {
      written.value = value;
    }, text);
  }
}

/** Opens a page in a tab that nobody has: a new one takes Chromium longer than all the rest of a test. */
export async function openTab(
  context: BrowserContext,
  pages: string,
  server: string,
  calls: CallKind,
): Promise<Tab> {
  const page = context.pages().find((left) => left.url() === BLANK) ?? (await context.newPage());
  const tab = new Tab(page);
  const file = calls.startsWith("fetch-") ? "fetch.html" : "connect.html";
  await page.goto(`${pages}/${file}?${new URLSearchParams({ server, calls })}`);
  return tab;
}

function itemsOf(list: List): string {
  return `#${list} li`;
}
