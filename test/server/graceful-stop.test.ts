import { once } from "node:events";
import { connect } from "node:net";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { describe, expect, it } from "vitest";
import { Operations } from "../../gen/google/longrunning/operations_pb.ts";
import { SimulatorService } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { until } from "../until.ts";
import { callHttp1, callHttp2, connectHttp2 } from "./calls.ts";
import { framesOf } from "./frames-of.ts";
import { type OpenServer, openServer, RUNNING } from "./open-server.ts";
import { closed, Received, rawRequest, statusesIn, WAIT_OPERATION } from "./raw-http.ts";
import { FRAME, GREETING } from "./raw-http2.ts";

/** So long that a stop which needs it fails the test. */
const LONG_GRACE = { graceMs: 600_000 };

const ANSWER = { name: RUNNING };

describe("a server that stops", () => {
  it("answers who waits over HTTP/2 with the latest state", async () => {
    await using server = await openServer(LONG_GRACE);
    const session = connectHttp2(server.url);
    const waiting = callHttp2(session, { ":path": WAIT_OPERATION });
    await stopWithWaiters(server, 1);
    expect(JSON.parse((await waiting).text)).toEqual(ANSWER);
  });

  it("answers who waits over gRPC with the latest state", async () => {
    await using server = await openServer(LONG_GRACE);
    const sessionManager = new Http2SessionManager(server.url);
    const client = createClient(Operations, createGrpcTransport({ baseUrl: server.url, sessionManager }));
    const waiting = client.waitOperation({ name: RUNNING });
    await stopWithWaiters(server, 1);
    expect((await waiting).name).toBe(RUNNING);
  });

  it("answers who waits over HTTP/1.1 with the latest state", async () => {
    await using server = await openServer(LONG_GRACE);
    const waiting = callHttp1(server.url, {}, WAIT_OPERATION);
    await stopWithWaiters(server, 1);
    expect(await (await waiting).json()).toEqual(ANSWER);
  });

  it("answers all who wait on one connection", async () => {
    await using server = await openServer(LONG_GRACE);
    const session = connectHttp2(server.url);
    const waiting = Array.from({ length: 500 }, () => callHttp2(session, { ":path": WAIT_OPERATION }));
    await stopWithWaiters(server, 500);
    const statuses = (await Promise.all(waiting)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  it("says GOAWAY, without an error", async () => {
    await using server = await openServer(LONG_GRACE);
    const session = connectHttp2(server.url);
    await callHttp2(session);
    const goneAway = once(session, "goaway");
    await server.server.close();
    expect((await goneAway)[0]).toBe(0);
  });

  it("says over HTTP/1.1 that the answer was the last", async () => {
    await using server = await openServer(LONG_GRACE);
    const socket = server.connect();
    const received = new Received(socket);
    socket.write(rawRequest({ target: WAIT_OPERATION }));
    await stopWithWaiters(server, 1);
    expect((await received.all()).toLowerCase()).toContain("\r\nconnection: close\r\n");
  });

  it("closes an HTTP/1.1 connection that is idle", async () => {
    await using server = await openServer(LONG_GRACE);
    const socket = server.connect();
    const received = new Received(socket);
    socket.write(rawRequest());
    await received.until(/\{"name"/);
    await server.server.close();
    expect(statusesIn(await received.all())).toEqual([200]);
  });

  it("takes no new connection", async () => {
    await using server = await openServer();
    await server.server.close();
    const socket = connect(server.port, "127.0.0.1");
    const [error] = await once(socket, "error");
    expect(error.code).toBe("ECONNREFUSED");
  });

  it("takes no new call on a connection of HTTP/1.1 that never rests", async () => {
    await using server = await openServer(LONG_GRACE);
    const socket = server.connect();
    const received = new Received(socket);
    socket.on("data", () => socket.write(rawRequest()));
    socket.write(rawRequest());
    await received.until(/\{"name"/, 20);
    await server.server.close();
    await received.all();
    expect(socket.destroyed).toBe(true);
  });

  it("stops once, however often it is told to", async () => {
    await using server = await openServer();
    expect(server.server.close()).toBe(server.server.close());
  });

  it("may be stopped again when it has stopped", async () => {
    await using server = await openServer();
    await server.server.close();
    await expect(server.server.close()).resolves.toBeUndefined();
  });

  it("lets a call end by itself", async () => {
    const call = new HeldCall();
    await using server = await openServer({ ...LONG_GRACE, routes: call.routes });
    const answer = createClient(
      SimulatorService,
      createConnectTransport({ baseUrl: server.url, httpVersion: "1.1" }),
    ).simulateWork({});
    await call.begun;
    const closing = server.server.close();
    call.finish();
    await Promise.all([closing, answer]);
    expect((await answer).name).toBe("operations/held");
  });
});

describe("the grace of a server that stops", () => {
  it("ends a call over HTTP/1.1 that does not end by itself", async () => {
    const clock = new FakeClock();
    const call = new HeldCall();
    await using server = await openServer({ graceMs: 5_000, clock, routes: call.routes });
    const transport = createConnectTransport({ baseUrl: server.url, httpVersion: "1.1" });
    const answer = createClient(SimulatorService, transport).simulateWork({});
    const refused = expect(answer).rejects.toMatchObject({ name: "ConnectError" });
    await call.begun;
    const closing = server.server.close();
    clock.advance(5_000);
    await Promise.all([closing, refused]);
    call.finish();
  });

  it("ends a call over HTTP/2 that does not end by itself", async () => {
    const clock = new FakeClock();
    const call = new HeldCall();
    await using server = await openServer({ graceMs: 5_000, clock, routes: call.routes });
    const sessionManager = new Http2SessionManager(server.url);
    const transport = createGrpcTransport({ baseUrl: server.url, sessionManager });
    const answer = createClient(SimulatorService, transport).simulateWork({});
    const refused = expect(answer).rejects.toMatchObject({ code: expect.any(Number) });
    await call.begun;
    const closing = server.server.close();
    clock.advance(5_000);
    await Promise.all([closing, refused]);
    call.finish();
  });

  it("tells the call that it is cut", async () => {
    const clock = new FakeClock();
    const call = new HeldCall();
    await using server = await openServer({ graceMs: 5_000, clock, routes: call.routes });
    const transport = createConnectTransport({ baseUrl: server.url, httpVersion: "1.1" });
    const answer = createClient(SimulatorService, transport).simulateWork({});
    answer.catch(() => {});
    const signal = await call.begun;
    const closing = server.server.close();
    clock.advance(5_000);
    await closing;
    await until(() => signal.aborted);
    call.finish();
  });

  it("ends the connection of an HTTP/2 client that does not go", async () => {
    await using server = await openServer({ graceMs: 50 });
    const socket = server.connect({ allowHalfOpen: true });
    const received = new Received(socket);
    socket.write(GREETING);
    await received.until(/[\s\S]{9}/);
    await server.server.close();
    await until(() => socket.readableEnded);
    const kinds = framesOf(Buffer.from(received.text, "latin1")).map(({ kind }) => kind);
    expect(kinds).toContain(FRAME.goAway);
  });

  it("ends the connection of an HTTP/1.1 client that does not finish its request", async () => {
    await using server = await openServer({ graceMs: 50 });
    const socket = server.connect();
    socket.resume();
    socket.write(rawRequest({ length: 1_000 }));
    await callHttp1(server.url);
    await server.server.close();
    await closed(socket);
    expect(socket.destroyed).toBe(true);
  });

  it("leaves no timer and no socket behind", async () => {
    const before = keepingAlive();
    const server = await openServer({ graceMs: 600_000 });
    const session = connectHttp2(server.url);
    await callHttp2(session);
    const socket = server.connect();
    const received = new Received(socket);
    socket.write(rawRequest());
    await received.until(/\{"name"/);
    await server[Symbol.asyncDispose]();
    await until(() => session.destroyed && socket.destroyed);
    await until(() => keepingAlive() <= before);
    expect(keepingAlive()).toBeLessThanOrEqual(before);
  });
});

/** A SimulateWork, mounted over the simulator's, that answers when it is told to, and not when its signal says so. */
class HeldCall {
  readonly #begin = Promise.withResolvers<AbortSignal>();
  readonly #finish = Promise.withResolvers<void>();

  readonly routes: NonNullable<Parameters<typeof openServer>[0]>["routes"] = (router) =>
    router.rpc(SimulatorService.method.simulateWork, async (_, context) => {
      this.#begin.resolve(context.signal);
      await this.#finish.promise;
      return { name: "operations/held" };
    });

  /** Resolves with the call's signal when it has begun. */
  get begun(): Promise<AbortSignal> {
    return this.#begin.promise;
  }

  finish(): void {
    this.#finish.resolve();
  }
}

async function stopWithWaiters({ operations, server }: OpenServer, count: number): Promise<void> {
  await until(() => operations.service.waiting === count);
  await server.close();
}

/** How many things keep this process alive. */
function keepingAlive(): number {
  return process.getActiveResourcesInfo().filter((kind) => /TCP|Timeout|Immediate|TLS/.test(kind)).length;
}
