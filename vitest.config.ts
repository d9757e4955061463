import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^longrunning$/, replacement: source("./src/index.ts") },
      { find: /^longrunning\/bullmq$/, replacement: source("./src/engine/bullmq/index.ts") },
      { find: /^longrunning\/client$/, replacement: source("./src/client/index.ts") },
      { find: /^longrunning\/jwt$/, replacement: source("./src/access/jwt/index.ts") },
      { find: /^longrunning\/postgres$/, replacement: source("./src/store/postgres/index.ts") },
      { find: /^longrunning\/sqlite$/, replacement: source("./src/store/sqlite/index.ts") },
      { find: /^longrunning\/testing$/, replacement: source("./src/testing/index.ts") },
    ],
  },
  test: {
    reporters: process.env["CI"] ? ["default", ["json", { outputFile: "test-results.json" }]] : ["default"],
    include: ["test/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
