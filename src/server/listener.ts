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
import type { Clock } from "../time/clock.ts";
import { Http1Calls } from "./http1-calls.ts";
import { shareOnePort } from "./one-port.ts";
import type { RequestHandlers, StreamHandler } from "./request-handler.ts";
import { type SessionLimits, watchSession } from "./session-watch.ts";

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
const TCP = { keepAlive: true, keepAliveInitialDelay: 60_000 };

/**
 * How many streams a client may reset at once, and in a second, however old they are; a watch counts those that are young.
 * Beyond, its connection is ended. This holds within what is read at once, of which a watch hears too late. Node allows
 * 1,000 at once, which take it a twentieth of a second, and then 33 a second, which a proxy before many callers that give
 * up waiting would reach.
 */
const RESETS = { streamResetBurst: 250, streamResetRate: 100 };

/** A port that speaks HTTP/1.1 and HTTP/2, and its connections. */
export class Listener {
  readonly #server: HttpServer | Http2SecureServer;
  readonly #http1Calls: Http1Calls;
  /** Closes the HTTP/1 connections that have no call. */
  readonly #closeIdleHttp1: () => void;
  /** Every connection, whatever it speaks, and whether it has spoken yet or not. */
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new Set<ServerHttp2Session>();
  #draining = false;

  constructor(options: ListenerOptions, { request: handler, stream }: RequestHandlers, clock: Clock) {
    const maxHeaderBytes = options.maxHeaderBytes ?? 16 * 1024;
    const limits = { ...TCP, maxHeaderSize: maxHeaderBytes, keepAliveTimeout: KEEP_ALIVE_MS };
    const settings = {
      maxConcurrentStreams: options.maxConcurrentStreams ?? 1_000,
      maxHeaderListSize: maxHeaderBytes,
    };
    const http2Limits = { settings, ...RESETS };
    if (options.tls !== undefined) {
      const server = createSecureServer(
        { ...secured(options.tls), ...limits, allowHTTP1: true, ...http2Limits },
        handler,
      );
      this.#server = server;
      server.on("secureConnection", readByRecord);
      offerStreams(server, stream);
      this.#http1Calls = new Http1Calls(server);
      this.#closeIdleHttp1 = idleCloserOverTls(server, this.#http1Calls);
      this.#follow(server, options, clock);
    } else {
      const server = createHttpServer(limits, handler);
      const http2 = createHttp2Server(http2Limits, handler);
      offerStreams(http2, stream);
      const undecided = shareOnePort(server, http2);
      this.#server = server;
      this.#http1Calls = new Http1Calls(server);
      this.#closeIdleHttp1 = () => {
        for (const socket of undecided) socket.destroy();
        server.closeIdleConnections();
      };
      this.#follow(http2, options, clock);
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
    for (const session of this.#sessions) session.close();
    this.#closeIdleHttp1();
    const callOff = clock.after(graceMs, () => {
      // Sessions say goodbye and wait for the other end to do so too: the socket waits for nobody.
      for (const socket of this.#sockets) socket.destroy();
    });
    await closed;
    callOff();
  }

  #follow(http2: Http2Server | Http2SecureServer, limits: SessionLimits, clock: Clock): void {
    this.#server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    http2.on("session", (session: ServerHttp2Session) => {
      this.#sessions.add(session);
      watchSession(session, limits, clock);
      session.once("close", () => this.#sessions.delete(session));
      if (this.#draining) session.close();
    });
  }
}

/** Offers every stream to a handler first. Node makes requests and responses of those that it leaves. */
function offerStreams(server: Http2Server | Http2SecureServer, take: StreamHandler): void {
  const listeners = server.listeners("stream");
  server.removeAllListeners("stream");
  const offer = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, flags: number, list: string[]) => {
    // What is read together is known together: a client that resets what it opens (CVE-2023-44487) is to be answered
    // nothing. Whatever error its stream ends with is nobody's.
    if (stream.closed) {
      stream.on("error", () => {});
      return;
    }
    if (take(stream, headers, list)) return;
    for (const listener of listeners) listener.call(server, stream, headers, flags, list);
  };
  // The types of Node 22 do not know the last argument yet.
  (server as EventEmitter).on("stream", offer);
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
function idleCloserOverTls(server: Http2SecureServer, calls: Http1Calls): () => void {
  const connections = new Set<TLSSocket>();
  server.on("secureConnection", (socket: TLSSocket) => {
    if (socket.alpnProtocol === "h2") return;
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
  });
  return () => {
    for (const socket of connections) if (!calls.has(socket)) socket.destroy();
  };
}
