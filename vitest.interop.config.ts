import { defineConfig } from "vitest/config";
import tests from "./vitest.config.ts";

// Clients that nobody here wrote, in their own languages: `npm run test:interop`. Each installs itself.
export default defineConfig({
  ...tests,
  test: {
    ...tests.test,
    reporters: process.env["CI"]
      ? ["verbose", ["json", { outputFile: "test-results.interop.json" }]]
      : ["verbose"],
    // In `npm test` these two do without the shells that a machine does not have.
    include: ["test/interop/**/*.interop.ts", "test/cli/{completion,terminal}.test.ts"],
    globalSetup: ["test/interop/print-table.ts"],
    // Compilers and installers fill the machine as it is.
    fileParallelism: false,
    testTimeout: 60_000,
    // What a client needs is fetched from its registry.
    hookTimeout: 600_000,
    disableConsoleIntercept: true,
  },
});
