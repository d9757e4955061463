import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { type CreateOperationsOptions, createOperations, MemoryStore, serve } from "longrunning";
import { createSimulatorService, FakeClock, SimulateWork, SimulatorService } from "longrunning/testing";
import type { BrowserContext, BrowserContextOptions, Page, Request } from "playwright-core";
import { SimulateWorkRequestSchema } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import { knownTypes } from "../../src/operation/known-types.ts";
import { CallLog } from "./call-log.ts";
import { keepPicture } from "./keep-picture.ts";

/** The widths that the console is looked at in. */
export const WIDE = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };

/** How a console is opened. */
export interface ConsoleOptions extends Pick<BrowserContextOptions, "viewport" | "colorScheme"> {
  readonly create?: Omit<CreateOperationsOptions, "store"> | undefined;
  /** Whether the server has the simulator; it has by default. */
  readonly simulator?: boolean | undefined;
  /** Where the page begins: `#/…`. */
  readonly hash?: string | undefined;
}

/** A server with a console, and a browser that shows it. */
export interface OpenConsole extends AsyncDisposable {
  readonly url: string;
  readonly page: Page;
  /** What simulated work goes by. */
  readonly clock: FakeClock;
  readonly store: MemoryStore;
  /** What the server was called for. */
  readonly log: CallLog;
  /** The addresses that the page has asked for. */
  readonly requests: readonly string[];
  /** How many calls of WatchOperations the page has open. */
  readonly watching: number;
  /** What the browser complains of: errors of the page, and what its Content-Security-Policy has refused. */
  readonly complaints: readonly string[];
  /** Starts simulated work, and answers the name of its operation. */
  start(work: JsonValue): Promise<string>;
  /** Goes to another place of the console. */
  go(hash: string): Promise<void>;
  /** Stops the server, and starts it again on the same port with the same operations. */
  restart(): Promise<void>;
  /** Keeps a picture of the page under that name. */
  picture(name: string): Promise<void>;
}

const REGISTRY = knownTypes([], undefined);

/** Opens a server with a console, and a page of its own to look at it with. */
export async function openConsole(
  shared: BrowserContext,
  options: ConsoleOptions = {},
): Promise<OpenConsole> {
  const [store, clock, log] = [new MemoryStore(), new FakeClock(), new CallLog()];
  const methods = [[SimulatorService.method.simulateWork, SimulateWork]] as const;
  const open = async (port: number) => {
    const operations = createOperations({ methods, graceMs: 0, ...options.create, store });
    const server = await serve({
      operations,
      port,
      console: true,
      graceMs: 100,
      connect: { interceptors: [log.interceptor] },
      routes: (router) => {
        if (options.simulator === false) return;
        router.service(SimulatorService, createSimulatorService(operations.manager, clock));
      },
    });
    const close = async () => {
      await server.close();
      await operations.close();
    };
    return { server, close };
  };
  let running = await open(0);
  const { url, port } = running.server;
  const simulator = createClient(
    SimulatorService,
    createConnectTransport({ baseUrl: url, httpVersion: "1.1" }),
  );
  const browser = shared.browser();
  if (browser === null) throw new Error("the browser is gone");
  const { viewport = WIDE, colorScheme = "light" } = options;
  const context = await browser.newContext({ viewport, colorScheme, reducedMotion: "reduce" });
  const page = await context.newPage();
  const [requests, complaints]: [string[], string[]] = [[], []];
  const watches = new Set<Request>();
  page.on("request", (request) => {
    requests.push(request.url());
    if (request.url().endsWith("/WatchOperations")) watches.add(request);
  });
  page.on("requestfinished", (request) => void watches.delete(request));
  page.on("requestfailed", (request) => void watches.delete(request));
  page.on("pageerror", (error) => void complaints.push(String(error)));
  page.on("console", (message) => {
    // That a call was refused is no fault of the page.
    if (!message.text().startsWith("Failed to load resource")) complaints.push(message.text());
  });
  await page.goto(`${url}/${options.hash ?? ""}`);
  return {
    ...{ url, page, clock, store, log, requests, complaints },
    get watching() {
      return watches.size;
    },
    start: async (work) =>
      (await simulator.simulateWork(fromJson(SimulateWorkRequestSchema, work, { registry: REGISTRY }))).name,
    go: async (hash) => {
      await page.goto(`${url}/${hash}`);
    },
    async restart() {
      await running.close();
      running = await open(port);
    },
    picture: (name) => keepPicture(page, name),
    async [Symbol.asyncDispose]() {
      await context.close();
      await running.close();
    },
  };
}
