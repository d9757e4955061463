import { defineConfig } from "vitest/config";
import tests from "./vitest.config.ts";

// The Dockerfile, the systemd unit, the reference and the oldest Node, which need npm's registry and systemd's tools:
// `npm run test:deploy`.
export default defineConfig({
  ...tests,
  test: {
    ...tests.test,
    reporters: process.env["CI"]
      ? ["verbose", ["json", { outputFile: "test-results.deploy.json" }]]
      : ["verbose"],
    include: ["test/deploy/**/*.deploy.ts"],
    fileParallelism: false,
    testTimeout: 60_000,
    // What the image has is fetched from npm's registry, and built.
    hookTimeout: 600_000,
  },
});
