import { once } from "node:events";
import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import {
  createServer as createHttp2Server,
  createSecureServer,
  type Http2SecureServer,
  type Http2Server,
  type ServerHttp2Session,
} from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import { type ConnectRouter, type ConnectRouterOptions, createConnectRouter } from "@connectrpc/connect";
import { compressionGzip } from "@connectrpc/connect-node";
import { Health } from "../../gen/health/v1/health_pb.ts";
import type { Logger } from "../manager/logger.ts";
import { type Clock, systemClock } from "../time/clock.ts";
import type { CorsOptions } from "./cors.ts";
import type { OperationsServer } from "./create-operations.ts";
import { HealthService } from "./health-service.ts";
import { Http1Answers } from "./http1-answers.ts";
import { shareOnePort } from "./one-port.ts";
import { createRequestHandler, type RequestHandler } from "./request-handler.ts";
import { TlsHttp1Connections } from "./tls-http1-connections.ts";

/** How a server listens. */
export interface ServeOptions {
  /** Whose five RPCs are served. They are answered before the server stops. */
  readonly operations: OperationsServer;
  /** Mounts further services. */
  readonly routes?: ((router: ConnectRouter) => unknown) | undefined;
  /** The address to listen on; 127.0.0.1 by default. */
  readonly host?: string | undefined;
  /** The port; 8080 by default, 0 picks a free one. */
  readonly port?: number | undefined;
  /** Serves TLS, with HTTP/2 or HTTP/1.1 as the client negotiates (ALPN). Cleartext by default, both on one port. */
  readonly tls?: { readonly key: string | Buffer; readonly cert: string | Buffer } | undefined;
  /** Which pages in a browser may call. None by default. */
  readonly cors?: CorsOptions | undefined;
  /** The largest message that is read, in bytes. 4 MiB by default. */
  readonly readMaxBytes?: number | undefined;
  /** How many calls one HTTP/2 connection may have open at once. 1,000 by default. */
  readonly maxConcurrentStreams?: number | undefined;
  /** The largest header block of a request, in bytes. 16 KiB by default. */
  readonly maxHeaderBytes?: number | undefined;
  /** How long a stopping server lets calls end by themselves, in milliseconds. 10 s by default. */
  readonly graceMs?: number | undefined;
  /** Further options of Connect: interceptors, a request gate. */
  readonly connect?: Omit<ConnectRouterOptions, "readMaxBytes" | "shutdownSignal"> | undefined;
  /** Where errors go that clients must not see. `console` by default. */
  readonly logger?: Logger | undefined;
  /** The machine's clock by default. */
  readonly clock?: Clock | undefined;
}

/** A server that listens. */
export interface ListeningServer extends AsyncDisposable {
  /** `http://127.0.0.1:8080`, with the port that it has in fact. */
  readonly url: string;
  readonly port: number;
  /**
   * Answers those who wait, takes no new connections and no new calls (GOAWAY), and waits for the calls under
   * way, at most for the grace period. A second call waits for the first.
   */
  close(): Promise<void>;
}

/** How often connections that have become idle are closed while the server stops. */
const IDLE_CHECK_MS = 25;

/** Longer than load balancers keep a connection that they may still use; most do for 60 s. */
const KEEP_ALIVE_MS = 75_000;

/**
 * Serves operations, and the services of `routes`, as gRPC, gRPC-Web, Connect and JSON on one port.
 * Resolves once it listens. Rejects where the port is taken or the services are wrong (see `createOperations`).
 */
export async function serve(options: ServeOptions): Promise<ListeningServer> {
  const logger = options.logger ?? console;
  const router = createConnectRouter({
    // The default offers brotli too, at a level that costs milliseconds a message.
    acceptCompression: [compressionGzip],
    readMaxBytes: options.readMaxBytes ?? 4 * 1024 * 1024,
    ...options.connect,
  });
  options.operations.routes(options.routes)(router);
  const health = new HealthService(new Set(router.handlers.map(({ service }) => service.typeName)));
  router.service(Health, health);
  const handler = createRequestHandler(router, {
    cors: options.cors,
    onError: (message, cause) => logger.error(message, cause),
  });
  const listener = createListener(options, handler);
  const { server, http2, sockets } = listener;
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  const sessions = new Set<ServerHttp2Session>();
  let closing: Promise<void> | undefined;
  http2.on("session", (session: ServerHttp2Session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
    if (closing !== undefined) session.close();
  });
  const host = options.host ?? "127.0.0.1";
  server.listen({ host, port: options.port ?? 8080 });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const scheme = options.tls === undefined ? "http" : "https";
  const close = () => {
    closing ??= stop();
    return closing;
  };
  const stop = async () => {
    health.stop();
    options.operations.answerWaiting();
    await drain(listener, sessions, options.graceMs ?? 10_000, options.clock ?? systemClock);
  };
  return {
    url: `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`,
    port,
    close,
    [Symbol.asyncDispose]: close,
  };
}

interface Listener {
  /** What listens. */
  readonly server: HttpServer | Http2SecureServer;
  readonly http2: Http2Server | Http2SecureServer;
  /** The answers over HTTP/1 that are under way. */
  readonly answers: Http1Answers;
  /** Every connection, whatever it speaks, and whether it has spoken yet or not. */
  readonly sockets: Set<Socket>;
  /** Closes the HTTP/1 connections that have no call. */
  closeIdleHttp1(): void;
}

function createListener(options: ServeOptions, handler: RequestHandler): Listener {
  const maxHeaderBytes = options.maxHeaderBytes ?? 16 * 1024;
  const settings = {
    maxConcurrentStreams: options.maxConcurrentStreams ?? 1_000,
    maxHeaderListSize: maxHeaderBytes,
  };
  const limits = { maxHeaderSize: maxHeaderBytes, keepAliveTimeout: KEEP_ALIVE_MS };
  const sockets = new Set<Socket>();
  if (options.tls !== undefined) {
    const server = createSecureServer({ ...options.tls, ...limits, allowHTTP1: true, settings }, handler);
    const http1 = new TlsHttp1Connections(server);
    const answers = new Http1Answers(server);
    return { server, http2: server, answers, sockets, closeIdleHttp1: () => http1.closeIdle() };
  }
  const server = createHttpServer(limits, handler);
  const http2 = createHttp2Server({ settings }, handler);
  const undecided = shareOnePort(server, http2);
  const closeIdleHttp1 = () => {
    for (const socket of undecided) socket.destroy();
    server.closeIdleConnections();
  };
  return { server, http2, answers: new Http1Answers(server), sockets, closeIdleHttp1 };
}

async function drain(
  { server, answers, sockets, closeIdleHttp1 }: Listener,
  sessions: Set<ServerHttp2Session>,
  graceMs: number,
  clock: Clock,
): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  answers.areLast();
  for (const session of sessions) session.close();
  closeIdleHttp1();
  const idle = setInterval(closeIdleHttp1, IDLE_CHECK_MS);
  const callOff = clock.after(graceMs, () => {
    // Sessions say goodbye and wait for the other end to do so too: the socket waits for nobody.
    for (const socket of sockets) socket.destroy();
  });
  await closed;
  callOff();
  clearInterval(idle);
}
