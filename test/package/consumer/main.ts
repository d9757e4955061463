import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { createOperations, defineOperationType, serve } from "longrunning";
import { listOperations, OperationHandle, waitForOperation } from "longrunning/client";
import { SqliteStore } from "longrunning/sqlite";
import { FakeClock } from "longrunning/testing";
import { Operations } from "./gen/google/longrunning/operations_pb.js";
import {
  ExportProgressSchema,
  ExportReportRequestSchema,
  ReportSchema,
  ReportService,
} from "./gen/reports/v1/reports_pb.js";

// A project of its own, with generated code of its own, and without a cast.
const ExportReport = defineOperationType({
  response: ReportSchema,
  metadata: ExportProgressSchema,
  onServerLoss: { handler: "reports.v1.ExportReport", input: ExportReportRequestSchema },
});

const store = await SqliteStore.open("operations.db");
const operations = createOperations({
  store,
  methods: [[ReportService.method.exportReport, ExportReport]],
});
operations.manager.register(ExportReport, async ({ input, progress }) => {
  const { pages } = input;
  for (let page = 1; page <= pages; page++) await progress({ pagesDone: page, pagesTotal: pages });
  return { uri: `reports/${pages}` };
});
const server = await serve({
  operations,
  port: 0,
  routes: (router) =>
    router.service(ReportService, {
      exportReport: (request) => operations.manager.start(ExportReport, request),
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
await store[Symbol.asyncDispose]();
console.log(
  JSON.stringify({
    uri: report.uri,
    pagesDone,
    done: waited.done,
    listed: names.length,
    clock: new FakeClock().monotonicMs(),
  }),
);
