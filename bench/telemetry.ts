import { readFileSync } from "node:fs";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { Operations } from "longrunning";
import { SimulatorService } from "longrunning/testing";
import { runServerProcess, urlIn } from "../test/telemetry/server-process.ts";
import { Figures, keepInFlight } from "./figures.ts";

// What metrics cost: the processor time of a server's process for GetOperation by gRPC, with `--metrics` and without,
// in turns. Linux alone tells the times of another process.
const RUNS = 5;
const CALLS = 6_000;
const IN_FLIGHT = 20;

/** Linux counts in hundredths of a second. */
const TICK_US = 10_000;

await using plain = await openServer([]);
await using measured = await openServer(["--metrics", "0"]);

const cpu = new Figures();
// The first run warms up, and does not count.
for (let run = 0; run <= RUNS; run++) {
  const ways = Object.entries({ plain, measured });
  for (const [way, { get, cpuUs }] of run % 2 === 0 ? ways : ways.reverse()) {
    const before = cpuUs();
    await keepInFlight(IN_FLIGHT, Array(CALLS).fill(0), get);
    if (run > 0) cpu.note(way, (cpuUs() - before) / CALLS);
  }
}
cpu.print("the server's processor time, µs a GetOperation");
console.log(`with --metrics, to without: ${cpu.ratio("measured", "plain").toFixed(2)}`);

async function openServer(flags: readonly string[]) {
  const server = runServerProcess(flags, ["--import", "./scripts/run-from-source.js"]);
  const baseUrl = urlIn(await server.line(/listening on/));
  const transport = createGrpcTransport({ baseUrl });
  const { name } = await createClient(SimulatorService, transport).simulateWork({});
  const client = createClient(Operations, transport);
  return {
    get: () => client.getOperation({ name }),
    cpuUs() {
      const [, user = 0, system = 0] =
        /\) \S(?: \S+){10} (\d+) (\d+)/
          .exec(readFileSync(`/proc/${server.child.pid}/stat`, "utf8"))
          ?.map(Number) ?? [];
      return (user + system) * TICK_US;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
