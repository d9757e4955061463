import { create } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { createClient, createRouterTransport } from "@connectrpc/connect";
import { createOperations, MemoryStore, type OperationsServer, type ServeOptions, serve } from "longrunning";
import { createSimulatorService, FakeClock, SimulateWork, SimulatorService } from "longrunning/testing";
import type { BrowserContext, Page } from "playwright-core";
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
  /** Resolves once so many calls watch in the server. */
  watching(count: number): Promise<void>;
  /** Starts simulated work in the server. Answers the name of its operation. */
  start(work: { seconds: number; steps: number; payload: string }): Promise<string>;
  /** Opens a page that shows these operations. With the site, the tab is closed. */
  visit(file: string, names: readonly string[]): Promise<Page>;
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
  const simulator = createClient(
    SimulatorService,
    createRouterTransport(({ service }) =>
      service(SimulatorService, createSimulatorService(operations.manager, clock)),
    ),
  );
  const visited: Page[] = [];
  const tabs: Tab[] = [];
  return {
    ...{ url: server.url, clock, operations, store, log },
    async waiting(count) {
      await vi.waitUntil(() => operations.service.waiting === count, PATIENCE);
    },
    async called(method) {
      await vi.waitUntil(() => log.calls.includes(method), PATIENCE);
    },
    async watching(count) {
      await vi.waitUntil(() => operations.watch?.watching === count, PATIENCE);
    },
    async start({ seconds, steps, payload }) {
      return (await simulator.simulateWork({ duration: { seconds: BigInt(seconds) }, steps, payload })).name;
    },
    async visit(file, names) {
      const page = await context.newPage();
      visited.push(page);
      const asked = [["server", server.url], ...names.map((name) => ["name", name])];
      await page.goto(`${pages.origin}/${file}?${new URLSearchParams(asked)}`);
      return page;
    },
    async open(calls) {
      const tab = await openTab(context, pages.origin, server.url, calls);
      tabs.push(tab);
      return tab;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...tabs.map((tab) => tab.leave()), ...visited.map((page) => page.close())]);
      await server.close();
      await operations.close();
      await pages[Symbol.asyncDispose]();
    },
  };
}
