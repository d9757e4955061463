import { type EventEmitter, once } from "node:events";
import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import {
  createServer as createHttp2Server,
  createSecureServer,
  type Http2SecureServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import type { SecureContextOptions, TLSSocket, TlsOptions as TlsServerOptions } from "node:tls";
import { FramedConnection } from "../http2/framed-connection.ts";
import type { StreamConnection } from "../http2/framed-stream.ts";
import { takeOnStream } from "../http2/node-session.ts";
import type { Clock } from "../time/clock.ts";
import { Http1Calls } from "./http1-calls.ts";
import { shareOnePort } from "./one-port.ts";
import { PlainConnections } from "./plain-connections.ts";
import type { RequestHandlers } from "./request-handler.ts";
import { ALL_RESETS, type SessionLimits, watchConnection, watchSession } from "./session-watch.ts";

/** By which certificates a listener and its clients know each other, in PEM. */
export interface TlsOptions {
  readonly key: string | Buffer;
  readonly cert: string | Buffer;
  /** Lets in only clients with a certificate that one of these has signed (mutual TLS). Everybody by default. */
  readonly clientCa?: string | Buffer | undefined;
}

/** What a listener speaks, and what it lets clients do. */
export interface ListenerOptions extends SessionLimits {
  /** Serves TLS, with HTTP/2 or HTTP/1.1 as the client negotiates (ALPN). Cleartext by default, both on one port. */
  readonly tls?: TlsOptions | undefined;
  /** How many calls one HTTP/2 connection may have open at once. 1,000 by default. */
  readonly maxConcurrentStreams?: number | undefined;
  /** How many connections may be open at once. One more is closed as soon as it is made. 10,000 by default. */
  readonly maxConnections?: number | undefined;
  /** The largest header block of a request, in bytes. 16 KiB by default. */
  readonly maxHeaderBytes?: number | undefined;
}

/** Longer than load balancers keep a connection that they may still use; most do for 60 s. */
const KEEP_ALIVE_MS = 75_000;

/**
 * TCP asks a client that has sent nothing for a minute whether it is there, and ends its connection where nobody says so:
 * over HTTP/1 nothing else would free what waits for one that has vanished.
 */
const TCP = { keepAlive: true, keepAliveInitialDelay: 60_000, noDelay: true };

/** As node:http2 takes it. */
const RESETS = { streamResetBurst: ALL_RESETS.burst, streamResetRate: ALL_RESETS.perSecond };

/** A port that speaks HTTP/1.1 and HTTP/2, and its connections. */
export class Listener {
  readonly #server: HttpServer | Http2SecureServer;
  readonly #http1Calls: Http1Calls;
  /** The connections of HTTP/1.1 that are not Node's yet. */
  readonly #plain: PlainConnections | undefined;
  /** Closes the HTTP/1 connections that have no call. */
  readonly #closeIdleHttp1: () => void;
  /** Every connection, whatever it speaks, and whether it has spoken yet or not. */
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new Set<ServerHttp2Session | FramedConnection>();
  #draining = false;

  constructor(
    options: ListenerOptions,
    { request: handler, takeStream, takePlain, transfer }: RequestHandlers,
    clock: Clock,
  ) {
    const maxHeaderBytes = options.maxHeaderBytes ?? 16 * 1024;
    const limits = { ...TCP, maxHeaderSize: maxHeaderBytes, keepAliveTimeout: KEEP_ALIVE_MS };
    const settings = {
      maxConcurrentStreams: options.maxConcurrentStreams ?? 1_000,
      maxHeaderListSize: maxHeaderBytes,
    };
    const http2Limits = { settings, ...RESETS };
    const http2 = createHttp2Server(http2Limits, handler);
    leaveOver(http2);
    const framed = takeStream && {
      ...{ maxConcurrentStreams: settings.maxConcurrentStreams, maxHeaderBytes },
      ...{ nodeServer: http2, take: takeStream },
      stuck: {
        timeoutMs: transfer.timeoutMs,
        hold: (connection: StreamConnection) => transfer.held.open(connection),
      },
      clock,
    };
    const takeFramed =
      framed && ((socket: Socket) => this.#take(new FramedConnection(socket, framed), options, clock));
    const plainTo = (leave: (socket: Socket) => void) =>
      takePlain &&
      new PlainConnections({
        ...{ maxHeaderBytes, keepAliveMs: KEEP_ALIVE_MS, clock, take: takePlain, leave },
        hold: (socket) => transfer.held.open(socket),
      });
    if (options.tls !== undefined) {
      const server = createSecureServer(
        { ...secured(options.tls), ...limits, allowHTTP1: true, ...http2Limits },
        handler,
      );
      this.#server = server;
      leaveOver(server);
      if (takeFramed === undefined) server.on("secureConnection", readByRecord);
      else this.#plain = takeOverTls(server, takeFramed, plainTo);
      this.#http1Calls = new Http1Calls(server);
      this.#closeIdleHttp1 = idleCloserOverTls(server, this.#http1Calls, this.#plain);
      this.#follow(server, options, clock);
    } else {
      const server = createHttpServer(limits, handler);
      const takeHttp1 = takePlain && ((socket: Socket) => this.#plain?.add(socket));
      const { undecided, leave } = shareOnePort(
        server,
        takeFramed ?? ((socket) => void http2.emit("connection", socket)),
        takeHttp1,
      );
      this.#plain = plainTo(leave);
      this.#server = server;
      this.#http1Calls = new Http1Calls(server);
      this.#closeIdleHttp1 = () => {
        for (const socket of undecided) socket.destroy();
        server.closeIdleConnections();
      };
      this.#follow(takeFramed === undefined ? http2 : undefined, options, clock);
    }
    this.#server.maxConnections = options.maxConnections ?? 10_000;
  }

  /** Resolves with the port once it listens. Rejects where it cannot. */
  async listen(host: string, port: number): Promise<number> {
    this.#server.listen({ host, port });
    await once(this.#server, "listening");
    return (this.#server.address() as AddressInfo).port;
  }

  /**
   * Takes no new connections and no new calls, and resolves when the last connection is closed: when its calls
   * have ended, or `graceMs` are over.
   */
  async drain(graceMs: number, clock: Clock): Promise<void> {
    this.#draining = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#http1Calls.areLast(this.#closeIdleHttp1);
    this.#plain?.stop();
    for (const session of this.#sessions) session.close();
    this.#closeIdleHttp1();
    const callOff = clock.after(graceMs, () => {
      // Sessions say goodbye and wait for the other end to do so too: the socket waits for nobody.
      for (const socket of this.#sockets) socket.destroy();
    });
    await closed;
    callOff();
  }

  #take(connection: FramedConnection, limits: SessionLimits, clock: Clock): void {
    this.#sessions.add(connection);
    watchConnection(connection, limits, clock);
    connection.socket.once("close", () => this.#sessions.delete(connection));
    if (this.#draining) connection.close();
  }

  #follow(http2: Http2Server | Http2SecureServer | undefined, limits: SessionLimits, clock: Clock): void {
    this.#server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    http2?.on("session", (session: ServerHttp2Session) => {
      this.#sessions.add(session);
      watchSession(session, limits, clock);
      session.once("close", () => this.#sessions.delete(session));
      if (this.#draining) session.close();
    });
  }
}

/** Gives streams of node:http2 to those who wait for them, and leaves those that are over. All others are made requests. */
function leaveOver(server: Http2Server | Http2SecureServer): void {
  const listeners = server.listeners("stream");
  server.removeAllListeners("stream");
  const offer = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, flags: number, list: string[]) => {
    // What is read together is known together: a client that resets what it opens (CVE-2023-44487) is to be answered
    // nothing. Whatever error its stream ends with is nobody's.
    if (stream.closed) {
      stream.on("error", () => {});
      return;
    }
    const onStream = takeOnStream(stream);
    if (onStream !== undefined) {
      onStream(stream, headers);
      return;
    }
    for (const listener of listeners) listener.call(server, stream, headers, flags, list);
  };
  // The types of Node 22 do not know the last argument yet.
  (server as EventEmitter).on("stream", offer);
}

/** Takes the connections that have negotiated HTTP/2, and the others until they are left to Node. */
function takeOverTls(
  server: Http2SecureServer,
  takeHttp2: (socket: TLSSocket) => void,
  plainTo: (leave: (socket: Socket) => void) => PlainConnections | undefined,
): PlainConnections | undefined {
  const listeners = server.listeners("secureConnection");
  server.removeAllListeners("secureConnection");
  const leave = (socket: Socket) => {
    for (const listener of listeners) listener.call(server, socket);
    readByRecord(socket as TLSSocket);
  };
  const plain = plainTo(leave);
  server.on("secureConnection", (socket: TLSSocket) => {
    if (socket.alpnProtocol === "h2") takeHttp2(socket);
    else if (plain === undefined) leave(socket);
    else plain.add(socket);
  });
  return plain;
}

function secured({ key, cert, clientCa }: TlsOptions): SecureContextOptions & TlsServerOptions {
  if (clientCa === undefined) return { key, cert };
  return { key, cert, ca: clientCa, requestCert: true, rejectUnauthorized: true };
}

/**
 * Keeps Node's parser of HTTP/1 from reading a TLS connection by itself. That gives it all records that came at once,
 * though it has paused, as it does while answers wait to be sent; it takes the next one for an error, and ends the
 * connection. Whoever listens for data gives it the records one by one, and none while it pauses.
 */
function readByRecord(socket: TLSSocket): void {
  if (socket.alpnProtocol !== "h2") socket.on("data", () => {});
}

/** Node has no way to close the idle HTTP/1 connections of a TLS server. */
function idleCloserOverTls(
  server: Http2SecureServer,
  calls: Http1Calls,
  plain: PlainConnections | undefined,
): () => void {
  const connections = new Set<TLSSocket>();
  server.on("secureConnection", (socket: TLSSocket) => {
    if (socket.alpnProtocol === "h2") return;
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
  });
  return () => {
    for (const socket of connections) {
      if (!calls.has(socket) && plain?.isBusy(socket) !== true) socket.destroy();
    }
  };
}
