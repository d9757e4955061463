import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { type Operation, OperationsWatchService } from "longrunning/client";

const baseUrl = process.env["SERVER"] ?? "http://127.0.0.1:8080";
const client = createClient(OperationsWatchService, createConnectTransport({ baseUrl, httpVersion: "1.1" }));

const running = new Map<string, Operation>();
for await (const { event } of client.watchOperations({ filter: "done=false" })) {
  if (event.case === "operation") running.set(event.value.name, event.value);
  if (event.case === "gone") running.delete(event.value.name);
  if (event.case === "end") break;
  console.log(`${running.size} running`);
}
