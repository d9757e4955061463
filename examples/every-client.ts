import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { SimulatorService } from "longrunning/testing";
import { serveSimulator } from "./every-client/simulator-server.ts";
import { waitingClients } from "./every-client/waiting-clients.ts";

const SECONDS = 5n;

for (const client of waitingClients) await client.install();

const given = process.env["SERVER"];
await using server = given === undefined ? await serveSimulator() : undefined;
const url = given ?? server?.url ?? "";

const simulator = createClient(
  SimulatorService,
  createConnectTransport({ baseUrl: url, httpVersion: "1.1" }),
);
const { name } = await simulator.simulateWork({ duration: { seconds: SECONDS }, payload: "hello" });
const startMs = performance.now();
console.log(`${name} takes ${SECONDS} s, at ${url}`);

await Promise.all(
  waitingClients.map(async ({ title, wait }) => {
    const payload = await wait(url, name);
    console.log(`${title}: "${payload}" after ${Math.round(performance.now() - startMs)} ms`);
  }),
);
