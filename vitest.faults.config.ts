import { defineConfig } from "vitest/config";
import tests from "./vitest.config.ts";

// What needs root or minutes: `npm run test:faults`.
export default defineConfig({
  ...tests,
  test: {
    ...tests.test,
    reporters: ["verbose"],
    include: ["test/faults/**/*.faults.ts"],
    // Faults are timed: nothing else is to keep the machine busy.
    fileParallelism: false,
    testTimeout: 20 * 60_000,
    hookTimeout: 60_000,
    // The figures stand between the tests, as they were printed.
    disableConsoleIntercept: true,
  },
});
