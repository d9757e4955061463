import { create } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { createOperations, MemoryStore, type OperationsServer, type ServeOptions, serve } from "longrunning";
import { createSimulatorService, FakeClock, SimulateWork, SimulatorService } from "longrunning/testing";
import type { BrowserContext } from "playwright-core";
import { inject, vi } from "vitest";
import { newStoredOperation } from "../../src/operation/stored-operation.ts";
import { TLS } from "../server/open-server.ts";
import { CallLog } from "./call-log.ts";
import type { CallKind, Way } from "./matrix.ts";
import { servePages } from "./page-server.ts";
import { openTab, type Tab } from "./tab.ts";

/** The operation that every site keeps: it runs for ever, and nobody knows the type of its metadata. */
export const FOREIGN = "operations/foreign";

/** Looks seldom enough to leave the machine to the browser. */
const PATIENCE = { interval: 20, timeout: 20_000 };

/** An API, and pages of another origin that call it. */
export interface Site extends AsyncDisposable {
  /** Where the API is. */
  readonly url: string;
  /** What the simulated work goes by. */
  readonly clock: FakeClock;
  readonly operations: OperationsServer;
  readonly store: MemoryStore;
  readonly log: CallLog;
  /** Resolves once so many calls wait in the server. */
  waiting(count: number): Promise<void>;
  /** Resolves once a method of the server was called. */
  called(method: string): Promise<void>;
  /** Opens a page that calls the API that way. With the site, the tab leaves it. */
  open(calls: CallKind): Promise<Tab>;
}

/** Opens a site. Its pages may call, unless `cors` says otherwise. */
export async function openSite(
  context: BrowserContext,
  { secure }: Way,
  { cors }: Pick<ServeOptions, "cors"> = {},
): Promise<Site> {
  const [store, clock, log] = [new MemoryStore(), new FakeClock(), new CallLog()];
  const metadata = create(AnySchema, {
    typeUrl: "type.googleapis.com/far.away.Thing",
    value: Uint8Array.of(255, 0, 127),
  });
  await store.insert(newStoredOperation({ name: FOREIGN, parent: "", createTimeMs: 0, metadata }));
  const operations = createOperations({
    store,
    methods: [[SimulatorService.method.simulateWork, SimulateWork]],
    graceMs: 0,
  });
  const pages = await servePages(inject("pages"), secure);
  const server = await serve({
    operations,
    port: 0,
    graceMs: 1_000,
    cors: cors ?? { allowedOrigins: [pages.origin] },
    tls: secure ? TLS : undefined,
    connect: { interceptors: [log.interceptor] },
    routes: (router) => router.service(SimulatorService, createSimulatorService(operations.manager, clock)),
  });
  const tabs: Tab[] = [];
  return {
    ...{ url: server.url, clock, operations, store, log },
    async waiting(count) {
      await vi.waitUntil(() => operations.service.waiting === count, PATIENCE);
    },
    async called(method) {
      await vi.waitUntil(() => log.calls.includes(method), PATIENCE);
    },
    async open(calls) {
      const tab = await openTab(context, pages.origin, server.url, calls);
      tabs.push(tab);
      return tab;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(tabs.map((tab) => tab.leave()));
      await server.close();
      await operations.close();
      await pages[Symbol.asyncDispose]();
    },
  };
}
