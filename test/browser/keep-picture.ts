import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";

/** Where screenshots are kept. Git ignores it. */
const SCREENSHOTS = fileURLToPath(new URL("../../test-screenshots", import.meta.url));

/** Keeps a picture of a page under that name, among the artefacts of the tests. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
}
