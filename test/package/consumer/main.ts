import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { createOperations, defineOperationType, MemoryStore, serve } from "longrunning";
import { listOperations, OperationHandle, waitForOperation } from "longrunning/client";
import { FakeClock } from "longrunning/testing";
import { Operations } from "./gen/google/longrunning/operations_pb.js";
import { ExportProgressSchema, ReportSchema, ReportService } from "./gen/reports/v1/reports_pb.js";

// A project of its own, with generated code of its own, and without a cast.
const ExportReport = defineOperationType({ response: ReportSchema, metadata: ExportProgressSchema });

const store = new MemoryStore();
const operations = createOperations({
  store,
  methods: [[ReportService.method.exportReport, ExportReport]],
});
const server = await serve({
  operations,
  port: 0,
  routes: (router) =>
    router.service(ReportService, {
      exportReport: ({ pages }) =>
        operations.manager.start(ExportReport, async ({ progress }) => {
          for (let page = 1; page <= pages; page++) await progress({ pagesDone: page, pagesTotal: pages });
          return { uri: `reports/${pages}` };
        }),
    }),
});
const transport = createConnectTransport({ baseUrl: server.url, httpVersion: "1.1" });
const reports = createClient(ReportService, transport);
const client = createClient(Operations, transport);
const handle = new OperationHandle(client, ExportReport, await reports.exportReport({ pages: 3 }));
const report = await handle.result();
const pagesDone: number | undefined = handle.metadata?.pagesDone;
const waited = await waitForOperation(client, handle.name);
const names: string[] = [];
for await (const { name } of listOperations(client, {})) names.push(name);
await server.close();
await operations.close();
console.log(
  JSON.stringify({
    uri: report.uri,
    pagesDone,
    done: waited.done,
    listed: names.length,
    clock: new FakeClock().monotonicMs(),
  }),
);
