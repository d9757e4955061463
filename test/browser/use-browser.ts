import { createHash, X509Certificate } from "node:crypto";
import { type BrowserContext, chromium } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { TLS } from "../server/open-server.ts";
import { findChromium } from "./find-chromium.ts";
import type { Way } from "./matrix.ts";

/** Keeps Chromium from looking for hosts of its own. */
const ALONE = [
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
  ...["--disable-gpu", "--disable-quic", "--no-first-run"],
];

/** A name that leads to this machine, in our browsers alone. */
export const REBOUND = "rebound.example";

/** A browser for the tests of a file that go one way; answers what its tabs are opened in. */
export function useBrowser(way: Way): () => BrowserContext {
  let context: BrowserContext | undefined;
  beforeAll(async () => {
    const executablePath = findChromium();
    if (executablePath === undefined) throw new Error("there is no Chromium: see scripts/install-browser.js");
    const leads = `--host-resolver-rules=MAP ${REBOUND} 127.0.0.1`;
    const args = [...ALONE, leads, `--ignore-certificate-errors-spki-list=${publicKeyHash()}`];
    if (way.protocol === "http/1.1") args.push("--disable-http2");
    // Its sandbox needs what many containers lack; the pages are our own.
    const browser = await chromium.launch({ executablePath, args, chromiumSandbox: false });
    context = await browser.newContext();
  });
  afterAll(() => context?.browser()?.close());
  return () => {
    if (context === undefined) throw new Error("the browser is opened before the tests");
    return context;
  };
}

/** What Chromium knows our certificate by, and trusts no other. */
function publicKeyHash(): string {
  const { publicKey } = new X509Certificate(TLS.cert);
  return createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("base64");
}
