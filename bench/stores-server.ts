import { once } from "node:events";
import { createOperations, MemoryStore, serve } from "longrunning";
import { SqliteStore } from "longrunning/sqlite";
import { fillWithEnded } from "./sample-operations.ts";

// The server of stores.ts, in a process of its own: the same operations in both stores, each on its own port.
// It tells its parent the URLs, and, whenever asked, how much processor time it has used so far, in ms.
const [file = "", count = "0"] = process.argv.slice(2);
const memory = new MemoryStore();
await using sqlite = await SqliteStore.open(file);
for (const store of [memory, sqlite]) await fillWithEnded(store, Number(count));
await using memoryOperations = createOperations({ store: memory });
await using sqliteOperations = createOperations({ store: sqlite });
await using memoryServer = await serve({ operations: memoryOperations, port: 0 });
await using sqliteServer = await serve({ operations: sqliteOperations, port: 0 });
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send?.((user + system) / 1_000);
});
process.send?.({ memory: memoryServer.url, sqlite: sqliteServer.url });
await once(process, "disconnect");
