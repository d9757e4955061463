import { defineConfig } from "vitest/config";
import tests from "./vitest.config.ts";

// What needs a Chromium: `npm run test:browser`.
export default defineConfig({
  ...tests,
  test: {
    ...tests.test,
    reporters: process.env["CI"]
      ? ["verbose", ["json", { outputFile: "test-results.browser.json" }]]
      : ["verbose"],
    include: ["test/browser/**/*.browser.ts"],
    globalSetup: ["test/browser/build-pages.ts", "test/browser/build-console.ts"],
    // A browser is as many processes as a machine has to spare.
    fileParallelism: false,
    hookTimeout: 60_000,
  },
});
