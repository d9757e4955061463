import { createOperations, MemoryStore, serve } from "longrunning";
import { describe, expect, inject, it } from "vitest";
import { newStoredOperation } from "../../src/operation/stored-operation.ts";
import { HTTP1 } from "./matrix.ts";
import { servePages } from "./page-server.ts";
import { REBOUND, useBrowser } from "./use-browser.ts";

const LIST = "/google.longrunning.Operations/ListOperations";

describe("a page whose own name leads to this machine", () => {
  const browser = useBrowser(HTTP1);

  /** What it hears of the operations of a server here, which has the port that the page came from. */
  async function heardBy(allowedHosts?: readonly string[]): Promise<[status: number, isTold: boolean]> {
    const store = new MemoryStore();
    await store.insert(newStoredOperation({ name: "operations/mine", parent: "", createTimeMs: 0 }));
    const pages = await servePages(inject("pages"), false);
    const { port } = new URL(pages.origin);
    const page = await browser().newPage();
    await page.goto(`http://${REBOUND}:${port}/fetch.html`);
    await pages[Symbol.asyncDispose]();
    await using operations = createOperations({ store, graceMs: 0 });
    await using _ = await serve({ operations, port: Number(port), graceMs: 0, allowedHosts });
    const [status, text] = await page.evaluate(async (path): Promise<[number, string]> => {
      const headers = { "content-type": "application/json" };
      const answer = await fetch(path, { method: "POST", headers, body: "{}" });
      return [answer.status, await answer.text()];
    }, LIST);
    await page.close();
    return [status, text.includes("operations/mine")];
  }

  it("calls nothing by it", async () => {
    expect(await heardBy()).toEqual([403, false]);
  });

  it("calls as the server itself where the name is allowed", async () => {
    expect(await heardBy([REBOUND])).toEqual([200, true]);
  });
});
