import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import type { ConnectRouter } from "@connectrpc/connect";
import { SimulatorService } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import { newStoredOperation } from "../../src/operation/stored-operation.ts";
import {
  type CreateOperationsOptions,
  createOperations,
  type OperationsServer,
} from "../../src/server/create-operations.ts";
import { type ListeningServer, type ServeOptions, serve } from "../../src/server/serve.ts";
import { SimulateWork } from "../../src/simulator/simulate-work.ts";
import { createSimulatorService } from "../../src/simulator/simulator-service.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";

/** A key and certificate for localhost, valid for a hundred years. */
export const TLS = { key: fixture("key.pem"), cert: fixture("cert.pem") };

/** The operation that every server under test keeps: it runs for ever, and nobody looks after it. */
export const RUNNING = "operations/running";

export interface OpenServerOptions extends Omit<ServeOptions, "operations" | "port"> {
  readonly create?: Omit<CreateOperationsOptions, "store"> | undefined;
}

/** A server that listens, and what can be known of it from inside. */
export interface OpenServer extends AsyncDisposable {
  readonly server: ListeningServer;
  readonly url: string;
  readonly port: number;
  readonly operations: OperationsServer;
  readonly store: MemoryStore;
  /** What the server logged. */
  readonly logged: readonly string[];
  /** A TCP connection. It is destroyed with the server. */
  connect(options?: { readonly allowHalfOpen?: boolean }): Socket;
}

/** Opens a server of the simulator and of the services of `routes`. */
export async function openServer(options: OpenServerOptions = {}): Promise<OpenServer> {
  const store = new MemoryStore();
  await store.insert(newStoredOperation({ name: RUNNING, parent: "", createTimeMs: 0 }));
  const logged: string[] = [];
  const logger = { error: (message: string, cause: unknown) => void logged.push(`${message}: ${cause}`) };
  const operations = createOperations({
    methods: [[SimulatorService.method.simulateWork, SimulateWork]],
    graceMs: 0,
    logger,
    ...options.create,
    store,
  });
  const server = await serve({
    graceMs: 1_000,
    logger,
    ...options,
    operations,
    port: 0,
    routes: (router: ConnectRouter) => {
      router.service(SimulatorService, createSimulatorService(operations.manager));
      options.routes?.(router);
    },
  });
  const sockets: Socket[] = [];
  return {
    server,
    url: server.url,
    port: server.port,
    operations,
    store,
    logged,
    connect({ allowHalfOpen = false } = {}) {
      const socket = connect({ port: server.port, host: "127.0.0.1", allowHalfOpen });
      // Whoever wants to hear of an error listens for "close".
      socket.on("error", () => {});
      sockets.push(socket);
      return socket;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await server.close();
      await operations.close();
      await store[Symbol.asyncDispose]();
    },
  };
}

function fixture(name: string): Buffer {
  return readFileSync(new URL(`fixtures/${name}`, import.meta.url));
}
