import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createOperations, MemoryStore, type OperationsServer, serve } from "../../src/index.ts";
import type { ListeningServer } from "../../src/server/serve.ts";
import { finish, keepRunning } from "../service/stored.ts";
import { root, runNode, runSource } from "./source-process.ts";

const page = readFileSync(`${root}/docs/watching.md`, "utf8");

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
    const [, file = "", code] = /<!-- (\S+) -->\n```ts\n([\s\S]*?)```/.exec(page) ?? [];
    expect(code).toBe(readFileSync(`${root}/${file}`, "utf8"));
  });

  it("has an EventSource show an operation to its end", async () => {
    const name = await keepRunning(store);
    const [, code = ""] = /```js\n([\s\S]*?)```/.exec(page) ?? [];
    const inPage = code.replace(
      "/v1/operations:watch?names=operations/4f2b…",
      `${server.url}/v1/operations:watch?names=${name}`,
    );
    const shown = "const show = ({ name, done }) => console.log(name, done ? 'done' : 'running');";
    await using browser = runNode(["--experimental-eventsource", "--eval", shown + inPage]);
    await browser.line(/ running$/);
    await finish(store, name);
    const exitCode = await browser.exit();
    expect([exitCode, browser.lines.filter((line) => line.startsWith(name))]).toEqual([
      0,
      [`${name} running`, `${name} done`],
    ]);
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
