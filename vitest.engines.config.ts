import { defineConfig } from "vitest/config";
import tests from "./vitest.config.ts";

// What needs a Redis: `npm run test:engines`.
export default defineConfig({
  ...tests,
  test: {
    ...tests.test,
    reporters: process.env["CI"]
      ? ["verbose", ["json", { outputFile: "test-results.engines.json" }]]
      : ["verbose"],
    include: ["test/engines/**/*.engines.ts"],
    // Servers are killed and restarted: nothing else is to keep the machine busy.
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 60_000,
    // The figures stand between the tests, as they were printed.
    disableConsoleIntercept: true,
  },
});
