import { describe, expect, inject, it } from "vitest";
import { listeningUrl, runSource, type SourceProcess } from "../examples/source-process.ts";
import { WAYS } from "./matrix.ts";
import { servePages } from "./page-server.ts";
import { openTab } from "./tab.ts";
import { useBrowser } from "./use-browser.ts";

const TLS_FLAGS = [
  "--tls-key",
  "test/server/fixtures/key.pem",
  "--tls-cert",
  "test/server/fixtures/cert.pem",
];

describe.each(WAYS)("over $name", (way) => {
  const browser = useBrowser(way);

  it("a page calls a longrunning-server that was told of its origin by a flag", async () => {
    await using pages = await servePages(inject("pages"), way.secure);
    await using server = runServer(["--cors-origin", pages.origin, ...(way.secure ? TLS_FLAGS : [])]);
    const tab = await openTab(browser(), pages.origin, await listeningUrl(server), "connect-json");
    await tab.start({ duration: "0.1s", payload: "hello" });
    await tab.press("Wait");
    expect(await tab.shown("ends")).toEqual(["hello"]);
  });
});

function runServer(flags: readonly string[]): SourceProcess {
  return runSource("src/server/main.ts", ["--port", "0", "--store", "memory", "--simulator", ...flags]);
}
