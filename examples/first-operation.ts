import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { OperationHandle, Operations } from "longrunning/client";
import { SimulateWork, SimulatorService } from "longrunning/testing";

const baseUrl = process.env["SERVER"] ?? "http://127.0.0.1:8080";
const transport = createConnectTransport({ baseUrl, httpVersion: "1.1" });
const simulator = createClient(SimulatorService, transport);
const operations = createClient(Operations, transport);

const started = await simulator.simulateWork({ duration: { seconds: 3n }, steps: 3, payload: "hello" });
const handle = new OperationHandle(operations, SimulateWork, started);
for await (const { stepsDone, stepsTotal } of handle.progress()) {
  console.log(`${stepsDone} of ${stepsTotal} steps done`);
}
const { payload } = await handle.result();
console.log(payload);
