import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, createLogger } from "vite";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** The folder of the pages, as vite has built them. */
    pages: string;
  }
}

const root = fileURLToPath(new URL("pages", import.meta.url));
const source = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Builds the pages once for all tests. Rejects where vite warns, of a module of Node for one. */
export default async function buildPages(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "longrunning-pages-"));
  const warnings: string[] = [];
  const warn = (message: string) => void warnings.push(message);
  await build({
    root,
    configFile: false,
    customLogger: { ...createLogger("warn"), warn, warnOnce: warn },
    resolve: {
      alias: [
        { find: /^longrunning\/client$/, replacement: source("src/client/index.ts") },
        { find: /^longrunning\/react$/, replacement: source("src/react/index.ts") },
      ],
    },
    build: {
      outDir: folder,
      emptyOutDir: true,
      rolldownOptions: {
        input: ["connect.html", "fetch.html", "react.html"].map((file) => join(root, file)),
        // "use client" of TanStack Query is for servers that render; how long a build took is no fault of a page.
        checks: { moduleLevelDirective: false, pluginTimings: false },
      },
    },
  });
  if (warnings.length > 0) throw new Error(warnings.join("\n"));
  project.provide("pages", folder);
  return () => rm(folder, { recursive: true, force: true });
}
