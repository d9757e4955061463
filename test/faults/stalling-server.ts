import { setTimeout as sleep } from "node:timers/promises";
import { createOperations, serve } from "longrunning";
import { SqliteStore } from "longrunning/sqlite";
import { SimulateWork, SimulatorService } from "longrunning/testing";
import { durationMs } from "../../src/time/duration.ts";

// A server as a user would write one, whose work can stall its event loop:
//   stalling-server.ts FILE '{"leaseMs": 1000, …}'
// Work with the payload "stall 5000" takes its time, and then does nothing else for five seconds.

const [file = "", options = "{}"] = process.argv.slice(2);

function stall(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}

await using store = await SqliteStore.open(file);
await using operations = createOperations({
  store,
  methods: [[SimulatorService.method.simulateWork, SimulateWork]],
  ...JSON.parse(options),
});
await using server = await serve({
  operations,
  port: 0,
  routes: (router) =>
    router.service(SimulatorService, {
      simulateWork: ({ duration, payload }) =>
        operations.manager.start(SimulateWork, async ({ signal }) => {
          await sleep(duration === undefined ? 0 : durationMs(duration), undefined, { signal });
          const [what, ms] = payload.split(" ");
          if (what === "stall") stall(Number(ms));
          return { payload };
        }),
    }),
});
console.log(`listening on ${server.url}`);
await new Promise((resolve) => process.once("SIGTERM", resolve));
