import { join } from "node:path";
import { expect, it } from "vitest";
import { runNode } from "../../examples/source-process.ts";
import { newFolder } from "./open-sqlite-store.ts";

const SCRIPT = `
  import { SqliteStore } from "longrunning/sqlite";
  const store = await SqliteStore.open(process.env.FILE);
  console.log("the store is open");
  await store[Symbol.asyncDispose]();
`;

it("opens in a script that is typed at the command line as a module", async () => {
  const args = ["--import", "./scripts/run-from-source.js", "--input-type=module", "--eval", SCRIPT];
  await using script = runNode(args, { FILE: join(await newFolder(), "operations.db") });
  expect([await script.exit(), script.lines]).toEqual([0, ["the store is open"]]);
});
