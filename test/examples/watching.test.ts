import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createOperations, MemoryStore, type OperationsServer, serve } from "../../src/index.ts";
import type { ListeningServer } from "../../src/server/serve.ts";
import { finish, keepRunning } from "../service/stored.ts";
import { root, runSource } from "./source-process.ts";

describe("docs/watching.md", () => {
  let store: MemoryStore;
  let operations: OperationsServer;
  let server: ListeningServer;

  beforeEach(async () => {
    store = new MemoryStore();
    operations = createOperations({ store });
    server = await serve({ operations, port: 0 });
  });
  afterEach(async () => {
    await server.close();
    await operations.close();
  });

  it("shows the example that is run here", () => {
    const [, file = "", code] =
      /<!-- (\S+) -->\n```ts\n([\s\S]*?)```/.exec(readFileSync(`${root}/docs/watching.md`, "utf8")) ?? [];
    expect(code).toBe(readFileSync(`${root}/${file}`, "utf8"));
  });

  it("counts what runs, as it begins and ends", async () => {
    const name = await keepRunning(store);
    await using client = runSource("examples/watch-operations.ts", [], { SERVER: server.url });
    await client.line(/^1 running$/);
    await finish(store, name);
    await client.line(/^0 running$/);
    await server.close();
    expect(await client.exit()).toBe(0);
  });
});
