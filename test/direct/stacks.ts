import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttp2Server, type ServerHttp2Session } from "node:http2";
import type { AddressInfo, Server } from "node:net";
import type { ConnectRouter, ConnectRouterOptions } from "@connectrpc/connect";
import {
  type ConnectNodeAdapterOptions,
  compressionGzip,
  connectNodeAdapter,
} from "@connectrpc/connect-node";
import { directNodeAdapter } from "../../src/direct/direct-node-adapter.ts";
import { newStoredOperation } from "../../src/operation/stored-operation.ts";
import { type CreateOperationsOptions, createOperations } from "../../src/server/create-operations.ts";
import { type ServeOptions, serve } from "../../src/server/serve.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import { ProbeService } from "./gen/probe/v1/probe_pb.ts";
import { Journal } from "./journal.ts";
import type { Place } from "./place.ts";
import { createProbeService, PROBE_TYPES } from "./probe-service.ts";

/** What both of two servers are opened with. */
export interface Setup {
  /** Connect's options. Each server has its own journal. */
  readonly connect?: ((journal: Journal) => ConnectRouterOptions) | undefined;
  /** What an adapter has beside. */
  readonly adapter?: ((journal: Journal) => Partial<ConnectNodeAdapterOptions>) | undefined;
  /** What `serve` has beside. */
  readonly serve?: Omit<Partial<ServeOptions>, "operations" | "connect" | "port"> | undefined;
  /** Mounts the probe; as a service, by default. */
  readonly mount?: ((router: ConnectRouter, journal: Journal) => unknown) | undefined;
  readonly operations?: Omit<CreateOperationsOptions, "store"> | undefined;
}

/** A server that listens, for both HTTPs. */
export interface OpenStack extends AsyncDisposable {
  readonly journal: Journal;
  readonly http1: Place;
  readonly http2: Place;
}

/** Opens a server. */
export type Stack = (setup: Setup) => Promise<OpenStack>;

/** Two servers that nobody can tell from each other. */
export type Pair = readonly [connect: Stack, direct: Stack];

/** An adapter, as connectNodeAdapter is one. */
export type Adapter = typeof connectNodeAdapter;

/** Serves by an adapter on Node's own servers. */
export function onNode(adapter: Adapter): Stack {
  return async ({ connect, adapter: beside, mount = mountProbe, operations: own }) => {
    await using stack = new AsyncDisposableStack();
    const journal = new Journal();
    const operations = createOperations({ graceMs: 0, ...own, store: stack.use(await openStore()) });
    stack.defer(() => operations.close());
    const router = { acceptCompression: [compressionGzip], ...connect?.(journal) };
    const listener = adapter({
      ...router,
      jsonOptions: { registry: PROBE_TYPES, ...router.jsonOptions },
      ...beside?.(journal),
      routes: (mounted) => {
        mount(mounted, journal);
        operations.routes(undefined, { router })(mounted);
      },
    });
    const sessions = new Set<ServerHttp2Session>();
    const http1Server = createHttpServer(listener);
    const http2Server = createHttp2Server(listener).on("session", (session) => {
      sessions.add(session);
      session.once("close", () => sessions.delete(session));
    });
    const http1 = await listen(http1Server);
    stack.defer(async () => {
      http1Server.closeAllConnections();
      await closed(http1Server);
    });
    const http2 = await listen(http2Server);
    stack.defer(async () => {
      for (const session of sessions) session.destroy();
      await closed(http2Server);
    });
    const kept = stack.move();
    return { journal, http1, http2, [Symbol.asyncDispose]: () => kept.disposeAsync() };
  };
}

/** Serves as this package does. */
export function byServe(options: Partial<ServeOptions>): Stack {
  return async ({ connect, serve: beside, mount = mountProbe, operations: own }) => {
    await using stack = new AsyncDisposableStack();
    const journal = new Journal();
    const operations = createOperations({ graceMs: 0, ...own, store: stack.use(await openStore()) });
    stack.defer(() => operations.close());
    const server = await serve({
      graceMs: 0,
      // Connect's adapter judges no host.
      allowedHosts: ["*"],
      ...beside,
      ...options,
      operations,
      ...(connect && { connect: connect(journal) }),
      routes: (router) => mount(router, journal),
      port: 0,
      logger: { error: (message) => journal.note("logged", message) },
    });
    stack.defer(() => server.close());
    const kept = stack.move();
    const place = { port: server.port, isSecure: beside?.tls !== undefined };
    return { journal, http1: place, http2: place, [Symbol.asyncDispose]: () => kept.disposeAsync() };
  };
}

/** Those that are compared. */
export const PAIRS = {
  "on Node's own servers": [onNode(connectNodeAdapter), onNode(directNodeAdapter)],
  "by serve": [byServe({ direct: false }), byServe({ direct: true })],
} as const satisfies Record<string, Pair>;

function mountProbe(router: ConnectRouter, journal: Journal): void {
  router.service(ProbeService, createProbeService(journal));
}

async function openStore(): Promise<MemoryStore> {
  const store = new MemoryStore();
  await store.insert(newStoredOperation({ name: "operations/running", parent: "", createTimeMs: 1_000 }));
  return store;
}

async function listen(server: Server): Promise<Place> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, isSecure: false };
}

async function closed(server: Server): Promise<void> {
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
