import { defineConfig } from "vitest/config";
import tests from "./vitest.config.ts";

// Both conformance suites, `npm run test:conformance`: Connect's runner, which is built with Go, against our protocol
// stack; and ours for operations, against servers with one fault each.
export default defineConfig({
  ...tests,
  test: {
    ...tests.test,
    reporters: process.env["CI"]
      ? ["verbose", ["json", { outputFile: "test-results.conformance.json" }]]
      : ["verbose"],
    include: ["test/{conformance,conformance-suite}/**/*.conformance.ts"],
    // Each run has its own servers, and several clients: one after another.
    fileParallelism: false,
    hookTimeout: 180_000,
  },
});
