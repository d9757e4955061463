import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { SqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { running } from "../../src/testing/store-contract/sample-operations.ts";
import { newFolder } from "./disk.ts";
import { report } from "./program.ts";

/** How long SQLite waits for a lock, and as long again for a slow machine. */
const PATIENCE_MS = 10_000;

it("a file that another program has locked refuses writes soon, however many come together", async () => {
  await using folder = await newFolder();
  const file = join(folder.path, "operations.db");
  await using store = await SqliteStore.open(file, { onFault: () => {} });
  const other = new DatabaseSync(file);
  other.exec("begin immediate");
  const startedMs = performance.now();
  const writes = await Promise.allSettled(["a", "b", "c"].map((id) => store.insert(running(id))));
  const tookMs = performance.now() - startedMs;
  other.exec("rollback");
  other.close();
  report("a file that another program has locked", {
    writes: writes.length,
    "refused after": `${Math.round(tookMs)} ms`,
  });
  expect([writes.map(({ status }) => status), tookMs < PATIENCE_MS]).toEqual([
    ["rejected", "rejected", "rejected"],
    true,
  ]);
});
