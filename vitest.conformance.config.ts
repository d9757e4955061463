import { defineConfig } from "vitest/config";
import tests from "./vitest.config.ts";

// `npm run test:conformance`: Connect's runner, which is built with Go, against our protocol stack; our suite for
// operations, against servers with one fault each; and the direct path beside Connect's own, by every way.
export default defineConfig({
  ...tests,
  test: {
    ...tests.test,
    reporters: process.env["CI"]
      ? ["verbose", ["json", { outputFile: "test-results.conformance.json" }]]
      : ["verbose"],
    include: ["test/{conformance,conformance-suite,direct}/**/*.conformance.ts"],
    // Each run has its own servers, and several clients: one after another.
    fileParallelism: false,
    hookTimeout: 180_000,
  },
});
