import { once } from "node:events";
import { createOperations, MemoryStore, serve } from "longrunning";
import { jwtBearer } from "longrunning/jwt";
import { AUDIENCE, ISSUER } from "../test/access/token-issuer.ts";
import { sampleEnded } from "./sample-operations.ts";

// The server of access.ts, in a process of its own: the same operations, with a gate and without one. Half of them
// are alice's and half are bob's. It tells its parent the URLs, and, whenever asked, the processor time that it has
// used so far, in ms.
const [keys = "", count = "0"] = process.argv.slice(2);
const store = new MemoryStore();
for (let i = 0; i < Number(count); i++) {
  await store.insert({ ...sampleEnded(i), principal: `${ISSUER}#${i % 2 === 0 ? "alice" : "bob"}` });
}
const authenticate = jwtBearer({ issuer: ISSUER, audience: AUDIENCE, keys: new URL(keys) });
await using openOperations = createOperations({ store });
await using gatedOperations = createOperations({ store, access: { authenticate } });
await using openServer = await serve({ operations: openOperations, port: 0 });
await using gatedServer = await serve({ operations: gatedOperations, port: 0 });
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send?.((user + system) / 1_000);
});
process.send?.({ open: openServer.url, gated: gatedServer.url });
await once(process, "disconnect");
