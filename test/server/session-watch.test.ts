import { once } from "node:events";
import {
  type ClientHttp2Stream,
  constants,
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { describe, expect, it } from "vitest";
import { FramedConnection } from "../../src/http2/framed-connection.ts";
import { watchConnection, watchSession } from "../../src/server/session-watch.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { startProxy } from "../postgres/proxy.ts";
import { until } from "../until.ts";
import { answerOf, callHttp2, connectHttp2, sendHttp2 } from "./calls.ts";
import { openServer, TLS } from "./open-server.ts";
import { WAIT_OPERATION } from "./raw-http.ts";

const MINUTE_MS = 60_000;

const LIMITS = { idleTimeoutMs: 5 * MINUTE_MS, pingIntervalMs: MINUTE_MS, pingTimeoutMs: 20_000 };

/** The server's end of a connection that is watched. */
interface Watched {
  readonly socket: Pick<Socket, "bytesRead" | "destroyed" | "destroy">;
  readonly destroyed: boolean;
  destroy(): void;
}

/** Has every connection of a server watched, and told of, and every call. */
type Opens = (clock: FakeClock, onConnection: (connection: Watched) => void, onCall: () => void) => Server;

/** The sessions of node:http2. */
function ofNode(create: () => Http2Server | Http2SecureServer): Opens {
  return (clock, onConnection, onCall) => {
    const server = answering(create(), onCall);
    return server.on("session", (session: ServerHttp2Session) => {
      onConnection(session);
      watchSession(session, LIMITS, clock);
    });
  };
}

/** The connections of this package's own HTTP/2, whose streams are node:http2's. */
function framed(create: () => Server, event: string): Opens {
  return (clock, onConnection, onCall) => {
    const nodeServer = answering(createServer(), onCall);
    const options = {
      ...{ maxConcurrentStreams: 1_000, maxHeaderBytes: 16_384, nodeServer, clock, take: () => false },
      stuck: { timeoutMs: 60_000, hold: () => ({ set: () => {}, release: () => {} }) },
    };
    return create().on(event, (socket: Socket) => {
      const connection = new FramedConnection(socket, options);
      onConnection(connection);
      watchConnection(connection, LIMITS, clock);
    });
  };
}

/** Answers calls of `/now`, begins to answer those of `/begun`, and no others. */
function answering<S extends Http2Server | Http2SecureServer>(server: S, onCall: () => void): S {
  server.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    onCall();
    stream.on("error", () => {});
    if (headers[":path"] === "/begun") stream.respond({ ":status": 200 });
    if (headers[":path"] === "/now") stream.respond({ ":status": 200 }, { endStream: true });
  });
  return server;
}

/** A server, its clock, and both ends of a connection that is watched. */
async function openWatched(open: Opens, scheme: string) {
  const clock = new FakeClock();
  const sessions: Watched[] = [];
  let calls = 0;
  const server = open(
    clock,
    (session) => sessions.push(session),
    () => calls++,
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const proxy = await startProxy((server.address() as AddressInfo).port);
  const client = connectHttp2(`${scheme}://127.0.0.1:${proxy.port}`);
  await callHttp2(client, { ":path": "/now" });
  const [session] = sessions;
  if (session === undefined) throw new Error("there is no session");
  let pings = 0;
  client.on("ping", () => pings++);
  return {
    ...{ clock, proxy, client, session },
    /** How often the client was asked for a sign of life. */
    get pings() {
      return pings;
    },
    /** Begins a call, and resolves when the server has it. */
    async begin(): Promise<ClientHttp2Stream> {
      const before = calls;
      const stream = sendHttp2(client, { ":path": "/later" });
      await until(() => calls > before);
      return stream;
    },
    /** Asks the client for a sign of life, and resolves when that is there. */
    async askOnce() {
      const { bytesRead } = session.socket;
      const asked = pings;
      await until(() => {
        if (pings === asked) clock.advance(1_000);
        return pings > asked && session.socket.bytesRead > bytesRead;
      });
    },
    async [Symbol.asyncDispose]() {
      client.destroy();
      session.destroy();
      server.close();
      await proxy[Symbol.asyncDispose]();
    },
  };
}

describe.each<[where: string, scheme: string, open: Opens]>([
  ["in cleartext", "http", framed(createTcpServer, "connection")],
  ["over TLS", "https", framed(() => createTlsServer({ ...TLS, ALPNProtocols: ["h2"] }), "secureConnection")],
  ["of node:http2 in cleartext", "http", ofNode(() => createServer())],
  ["of node:http2 over TLS", "https", ofNode(() => createSecureServer(TLS))],
])("a connection of HTTP/2 %s", (_, scheme, open) => {
  it("without a call is told to go after its time", async () => {
    await using watched = await openWatched(open, scheme);
    const told = once(watched.client, "goaway");
    watched.clock.advance(LIMITS.idleTimeoutMs);
    expect((await told)[0]).toBe(0);
  });

  it("without a call goes on until then", async () => {
    await using watched = await openWatched(open, scheme);
    watched.clock.advance(LIMITS.idleTimeoutMs - 1);
    expect((await callHttp2(watched.client, { ":path": "/now" })).status).toBe(200);
  });

  it("is idle from the end of its last call on", async () => {
    await using watched = await openWatched(open, scheme);
    watched.clock.advance(LIMITS.idleTimeoutMs - 1);
    await callHttp2(watched.client, { ":path": "/now" });
    watched.clock.advance(LIMITS.idleTimeoutMs - 1);
    expect((await callHttp2(watched.client, { ":path": "/now" })).status).toBe(200);
  });

  it("is idle too when its calls were reset as soon as they were made", async () => {
    await using watched = await openWatched(open, scheme);
    for (let i = 0; i < 50; i++) sendHttp2(watched.client, { ":path": "/later" }).close(8);
    await callHttp2(watched.client, { ":path": "/now" });
    const told = once(watched.client, "goaway");
    watched.clock.advance(LIMITS.idleTimeoutMs);
    expect((await told)[0]).toBe(0);
  });

  it("is ended when more than a hundred calls were reset as soon as they were made", async () => {
    await using watched = await openWatched(open, scheme);
    const told = once(watched.client, "goaway");
    for (let i = 0; i < 110; i++) sendHttp2(watched.client, { ":path": "/later" }).close(8);
    expect((await told)[0]).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  });

  it("goes on when two hundred calls were reset that had waited for a while", async () => {
    await using watched = await openWatched(open, scheme);
    const streams = Array.from({ length: 200 }, () => sendHttp2(watched.client, { ":path": "/later" }));
    await callHttp2(watched.client, { ":path": "/now" });
    watched.clock.advance(100);
    for (const stream of streams) stream.close(8);
    expect((await callHttp2(watched.client, { ":path": "/now" })).status).toBe(200);
  });

  it("goes on when two hundred calls were reset in two seconds", async () => {
    await using watched = await openWatched(open, scheme);
    for (let i = 0; i < 200; i++) {
      sendHttp2(watched.client, { ":path": "/later" }).close(8);
      watched.clock.advance(10);
      await callHttp2(watched.client, { ":path": "/now" });
    }
    expect((await callHttp2(watched.client, { ":path": "/now" })).status).toBe(200);
  });

  it("goes on when two hundred calls were reset of which some bytes had been answered", async () => {
    await using watched = await openWatched(open, scheme);
    const streams = Array.from({ length: 200 }, () => sendHttp2(watched.client, { ":path": "/begun" }));
    await Promise.all(streams.map((stream) => once(stream, "response")));
    for (const stream of streams) stream.close(8);
    expect((await callHttp2(watched.client, { ":path": "/now" })).status).toBe(200);
  });

  it("without a call is ended though its client has vanished", async () => {
    await using watched = await openWatched(open, scheme);
    watched.proxy.mode = "hold";
    watched.clock.advance(LIMITS.idleTimeoutMs);
    watched.clock.advance(MINUTE_MS);
    await until(() => watched.session.destroyed);
    expect(watched.session.destroyed).toBe(true);
  });

  it("with a call under way goes on while its client gives signs of life", async () => {
    await using watched = await openWatched(open, scheme);
    const stream = await watched.begin();
    for (let i = 0; i < 20; i++) await watched.askOnce();
    expect([watched.pings, stream.closed]).toEqual([20, false]);
  });

  it("with a call under way is ended when its client has vanished", async () => {
    await using watched = await openWatched(open, scheme);
    void answerOf(await watched.begin());
    await watched.askOnce();
    watched.proxy.mode = "hold";
    // Once for what the client has sent before it vanished.
    watched.clock.advance(2 * LIMITS.pingIntervalMs);
    watched.clock.advance(LIMITS.pingTimeoutMs);
    expect(watched.session.destroyed).toBe(true);
  });

  it("that has ended is watched no more", async () => {
    await using watched = await openWatched(open, scheme);
    watched.client.destroy();
    await until(() => watched.session.destroyed && watched.clock.pendingTimers === 0);
    expect(watched.clock.pendingTimers).toBe(0);
  });
});

describe.each([
  ["in cleartext", undefined],
  ["over TLS", TLS],
])("a call that waits %s", (_, tls) => {
  it("is freed when its client has vanished", async () => {
    const clock = new FakeClock();
    await using server = await openServer({ clock, tls });
    await using proxy = await startProxy(server.port);
    const client = connectHttp2(server.url.replace(String(server.port), String(proxy.port)));
    void callHttp2(client, { ":path": WAIT_OPERATION });
    const { service } = server.operations;
    await until(() => service.waiting === 1);
    proxy.mode = "hold";
    await until(() => {
      clock.advance(1_000);
      return service.waiting === 0;
    });
    client.destroy();
    expect(service.waiting).toBe(0);
  });
});
