import { type ConnectRouter, type ConnectRouterOptions, createConnectRouter } from "@connectrpc/connect";
import type { UniversalHandler } from "@connectrpc/connect/protocol";
import { Health } from "../../gen/health/v1/health_pb.ts";
import { DirectCalls } from "../direct/direct-calls.ts";
import { MethodTable } from "../direct/method-table.ts";
import type { Logger } from "../operation/logger.ts";
import { mountReflection } from "../reflection/mount-reflection.ts";
import { Turns } from "../service/turns.ts";
import { type Clock, systemClock } from "../time/clock.ts";
import { AllowedHosts } from "./allowed-hosts.ts";
import { readConsole } from "./console-files.ts";
import { ConsolePage } from "./console-page.ts";
import type { CorsOptions } from "./cors.ts";
import type { OperationsServer } from "./create-operations.ts";
import { gzipInTurn } from "./gzip-in-turn.ts";
import { HealthService } from "./health-service.ts";
import { HeldBytes } from "./held-bytes.ts";
import { Listener, type ListenerOptions } from "./listener.ts";
import { isLoopback } from "./loopback.ts";
import { messageLimit } from "./message-limit.ts";
import { createRequestHandlers } from "./request-handler.ts";
import { inTurn, type RateOptions, rateGates } from "./request-rate.ts";
import { restRoutes, type ServeRestOptions } from "./rest-routes.ts";
import { type TransferLimits, watchUntaken } from "./transfer.ts";

/** How a server listens. */
export interface ServeOptions extends ListenerOptions, RateOptions {
  /** Whose five RPCs are served. They are answered before the server stops. */
  readonly operations: OperationsServer;
  /** Mounts further services. */
  readonly routes?: ((router: ConnectRouter) => unknown) | undefined;
  /** The address to listen on; 127.0.0.1 by default. */
  readonly host?: string | undefined;
  /** The port; 8080 by default, 0 picks a free one. */
  readonly port?: number | undefined;
  /** Which pages in a browser may call. None by default. */
  readonly cors?: CorsOptions | undefined;
  /**
   * The names by which the server may be called, beside IP addresses and `localhost` with all below it: so that a page of
   * a browser that has its own name lead here (DNS rebinding) is no caller. `.example.com` is that name and every one
   * below it, `*` any. None by default where the server listens for this machine alone, without TLS, asks nobody who
   * they are, and has no `cors` that allows every page, for calls by HTTP/1.1; else any.
   */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Whether clients may ask what is served (grpc.reflection v1 and v1alpha). They may by default. */
  readonly reflection?: boolean | undefined;
  /**
   * What is served by REST (AIP-127), and described by `/openapi.json`: what the services' `google.api.http` annotations
   * say, operations as Google's clients call them, and the rules that are given here. False: nothing.
   */
  readonly rest?: ServeRestOptions | false | undefined;
  /**
   * Whether `/` is a page to look at operations with (docs/console.md), where no service has that path. False by
   * default: an API of one's own shows no page that nobody has asked for. The page itself is for everybody; what it
   * shows, it asks for as any other client.
   */
  readonly console?: boolean | ConsoleOptions | undefined;
  /** The largest message that is read, in bytes. 4 MiB by default. */
  readonly readMaxBytes?: number | undefined;
  /**
   * Whether other machines may reach a server that lets everybody do everything. False by default: a `host` beyond
   * this machine needs `access` of `createOperations`.
   */
  readonly insecure?: boolean | undefined;
  /**
   * How many bytes the server holds of requests that are under way and of answers that are not taken, in all. Beyond,
   * the connection that holds the most is ended. 256 MiB by default.
   */
  readonly maxHeldBytes?: number | undefined;
  /**
   * How long a request may take to come, and each piece of an answer to be taken, in milliseconds; streams of requests
   * may take any time. 5 minutes by default.
   */
  readonly transferTimeoutMs?: number | undefined;
  /**
   * Whether unary calls go a short way of their own, which no client can tell from Connect's, at a tenth of its cost.
   * True by default; false sends every call through Connect's own handlers.
   */
  readonly direct?: boolean | undefined;
  /** How long a stopping server lets calls end by themselves, in milliseconds. 10 s by default. */
  readonly graceMs?: number | undefined;
  /** Further options of Connect, for every service: interceptors, a request gate, JSON options (not those of REST). */
  readonly connect?: Omit<ConnectRouterOptions, "readMaxBytes" | "shutdownSignal"> | undefined;
  /** Where errors go that clients must not see. `console` by default. */
  readonly logger?: Logger | undefined;
  /** The machine's clock by default. */
  readonly clock?: Clock | undefined;
}

/** Which page is served. */
export interface ConsoleOptions {
  /** The folder with the built page; that of this package by default. */
  readonly folder?: string | undefined;
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

/** Of more than so many large bodies at once, a piece is read each millisecond: 64 KiB. */
const LARGE_BODIES = { crowd: 8, restMs: 1 };

/**
 * Serves operations, and the services of `routes`, as gRPC, gRPC-Web, Connect, JSON and REST on one port.
 * Resolves once it listens. Rejects where the port is taken or the services are wrong (see `createOperations`), and
 * with a TypeError where other machines could reach it, and nobody is asked who they are (see `insecure`).
 */
export async function serve(options: ServeOptions): Promise<ListeningServer> {
  const host = options.host ?? "127.0.0.1";
  if (!isLoopback(host) && options.operations.access === undefined && options.insecure !== true) {
    throw new TypeError(
      `"${host}" lets other machines do everything with all operations: give \`access\` to createOperations, or \`insecure: true\` to serve`,
    );
  }
  const logger = options.logger ?? console;
  const clock = options.clock ?? systemClock;
  const limits = {
    // The default offers brotli too, at a level that costs milliseconds a message.
    acceptCompression: [gzipInTurn()],
    readMaxBytes: options.readMaxBytes ?? 4 * 1024 * 1024,
  };
  const rate = rateGates(options, options.operations.principalOf);
  const requestGate = inTurn(rate.ofPrincipal, options.connect?.requestGate);
  const connect = { ...limits, ...options.connect, ...(requestGate && { requestGate }) };
  const router = createConnectRouter(connect);
  const table = options.direct === false ? undefined : new MethodTable();
  const health = new HealthService(() => router.handlers.map(({ service }) => service.typeName));
  const { operations } = options;
  operations.routes(
    (own) => {
      options.routes?.(own);
      own.service(Health, health);
      if (options.reflection !== false) mountReflection(own, () => operations.registry.files);
    },
    { router: connect, first: rate.ofAll, table },
  )(router);
  const { registry, errorDomain, completeErrors } = operations;
  const onError = (message: string, cause: unknown) => logger.error(message, cause);
  // REST calls methods by Connect's protocol.
  const isOff = options.rest === false || options.connect?.connect === false;
  const rest = isOff
    ? undefined
    : restRoutes(lastMounted(router.handlers), restOptions(options), clock, {
        ...{ ...limits, json: { registry }, errorDomain, onError },
        mostBytesOf: (method) => messageLimit(method, limits.readMaxBytes),
      });
  const transfer: TransferLimits = {
    timeoutMs: options.transferTimeoutMs ?? 5 * 60_000,
    messageBytes: limits.readMaxBytes,
    held: new HeldBytes(options.maxHeldBytes ?? 256 * 1024 * 1024),
    turns: new Turns(1, { ...LARGE_BODIES, clock }),
    clock,
  };
  const direct =
    table &&
    new DirectCalls(table.byPath(router), {
      clock,
      watchAnswer: (answer) => watchUntaken(answer, transfer),
      // Nor do they where a call goes through Connect: it would make room at once for what is announced.
      hiddenHeaders: ["content-length"],
    });
  const handlers = createRequestHandlers(router, direct, {
    transfer,
    console: consolePage(options),
    hosts: hostsOf(options, host),
    ...{ cors: options.cors, rest, errorDomain, completeErrors, onError },
    asksForCertificates: options.tls?.clientCa !== undefined,
  });
  const listener = new Listener(options, handlers, clock);
  const port = await listener.listen(host, options.port ?? 8080);
  const scheme = options.tls === undefined ? "http" : "https";
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= stop();
    return closing;
  };
  const stop = async () => {
    health.stop();
    operations.answerWaiting();
    await listener.drain(options.graceMs ?? 10_000, clock);
  };
  return {
    url: `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`,
    port,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Which hosts calls may be for; undefined where they may be for any. */
function hostsOf(options: ServeOptions, host: string): AllowedHosts | undefined {
  const { allowedHosts, operations, tls, cors } = options;
  // Over TLS a browser that is led here by another name finds that the certificate is not for that name.
  const isOpen = isLoopback(host) && operations.access === undefined && tls === undefined;
  const names = allowedHosts ?? (isOpen && cors?.allowedOrigins.includes("*") !== true ? [] : ["*"]);
  return names.includes("*")
    ? undefined
    : new AllowedHosts(names, { isHttp2Judged: allowedHosts !== undefined });
}

/** Who may not ask for schemas by reflection, may not by REST either. */
function restOptions({ operations, rest }: ServeOptions): ServeRestOptions {
  const isClosed = operations.access?.closed?.includes("reflection");
  return { ...(rest || {}), ...(isClosed ? { openApi: false } : {}) };
}

function consolePage({ console: isServed = false, connect }: ServeOptions): ConsolePage | undefined {
  // The page calls by Connect's protocol.
  if (isServed === false || connect?.connect === false) return undefined;
  const files = readConsole(isServed === true ? undefined : isServed.folder);
  return files && new ConsolePage(files);
}

/** The handlers that answer: of a method that is mounted twice, the later. */
function lastMounted(handlers: readonly UniversalHandler[]): UniversalHandler[] {
  return [...new Map(handlers.map((handler) => [handler.requestPath, handler])).values()];
}
