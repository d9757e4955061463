import { describe, expect, it } from "vitest";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { openServer, RUNNING, TLS } from "../server/open-server.ts";
import {
  closed,
  GET_OPERATION,
  HOST,
  JSON_BODY,
  Received,
  rawRequest,
  SIMULATE_WORK,
  statusesIn,
  WAIT_OPERATION,
} from "../server/raw-http.ts";
import { until } from "../until.ts";
import { openClient } from "./open-client.ts";

const OK = /HTTP\/1\.1 200 OK/;

describe.each([
  ["in cleartext", undefined],
  ["over TLS", TLS],
])("a connection of HTTP/1.1 %s", (_, tls) => {
  it("answers one call after the other", async () => {
    await using server = await openServer({ tls });
    const { socket, received } = await openClient(server, tls);
    for (let i = 1; i <= 5; i++) {
      socket.write(rawRequest());
      await received.until(OK, i);
    }
    socket.destroy();
    expect(received.text.match(new RegExp(RUNNING, "g"))).toHaveLength(5);
  });

  it("answers calls that come together in their order, and what is no call among them", async () => {
    await using server = await openServer({ tls });
    const { socket, received } = await openClient(server, tls);
    const missing = rawRequest({ body: '{"name":"operations/missing"}' });
    const get = `GET /v1/${RUNNING} HTTP/1.1\r\n${HOST}\r\n\r\n`;
    for (const part of [rawRequest(), missing, rawRequest() + get + rawRequest(), rawRequest()]) {
      const before = statusesIn(received.text).length;
      socket.write(part);
      await until(() => statusesIn(received.text).length > before);
    }
    await until(() => statusesIn(received.text).length === 6);
    socket.destroy();
    expect(statusesIn(received.text)).toEqual([200, 404, 200, 200, 200, 200]);
  });

  it("answers a call that was sent while another waits behind that", async () => {
    await using server = await openServer({ tls });
    const { socket, received } = await openClient(server, tls);
    const wait = JSON.stringify({ name: RUNNING, timeout: "0.2s" });
    socket.write(rawRequest({ target: WAIT_OPERATION, body: wait }));
    await until(() => server.operations.service.waiting === 1);
    socket.write(rawRequest({ body: '{"name":"operations/missing"}' }));
    socket.write(rawRequest());
    await until(() => statusesIn(received.text).length === 3);
    socket.destroy();
    expect(statusesIn(received.text)).toEqual([200, 404, 200]);
  });

  it("answers a call whose body comes in pieces", async () => {
    await using server = await openServer({ tls });
    const { socket, received } = await openClient(server, tls);
    const request = rawRequest();
    const bodyAt = request.indexOf("\r\n\r\n") + 4;
    socket.write(request.slice(0, bodyAt + 3));
    await new Promise((resolve) => setTimeout(resolve, 20));
    socket.write(request.slice(bodyAt + 3));
    await received.until(OK);
    socket.destroy();
    expect(received.text).toContain(RUNNING);
  });

  it("answers a call whose body is too large for what comes in pieces, and the next", async () => {
    await using server = await openServer({ tls });
    const { socket, received } = await openClient(server, tls);
    const request = rawRequest({ body: JSON.stringify({ name: RUNNING, unknown: "x".repeat(40_000) }) });
    const bodyAt = request.indexOf("\r\n\r\n") + 4;
    socket.write(request.slice(0, bodyAt + 20_000));
    await new Promise((resolve) => setTimeout(resolve, 20));
    socket.write(request.slice(bodyAt + 20_000));
    await received.until(OK);
    socket.write(rawRequest());
    await received.until(OK, 2);
    socket.destroy();
    expect(statusesIn(received.text)).toEqual([200, 200]);
  });

  it("answers a call whose head comes byte by byte", async () => {
    await using server = await openServer({ tls });
    const { socket, received } = await openClient(server, tls);
    socket.setNoDelay(true);
    for (const byte of rawRequest()) {
      socket.write(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await received.until(OK);
    socket.destroy();
    expect(received.text).toContain(RUNNING);
  });

  it("forgets a call that waits when its client goes", async () => {
    await using server = await openServer({ tls });
    const { socket } = await openClient(server, tls);
    socket.write(rawRequest({ target: WAIT_OPERATION }));
    await until(() => server.operations.service.waiting === 1);
    socket.destroy();
    await until(() => server.operations.service.waiting === 0);
    expect(server.operations.service.waiting).toBe(0);
  });

  it("forgets a call that waits, with another sent behind it, when its client goes", async () => {
    await using server = await openServer({ tls });
    const { socket } = await openClient(server, tls);
    socket.write(rawRequest({ target: WAIT_OPERATION }));
    await until(() => server.operations.service.waiting === 1);
    socket.write(rawRequest());
    await new Promise((resolve) => setTimeout(resolve, 20));
    socket.destroy();
    await until(() => server.operations.service.waiting === 0);
    expect(server.operations.service.waiting).toBe(0);
  });

  it("answers who waits when the server stops, as the last", async () => {
    await using server = await openServer({ tls });
    const { socket, received } = await openClient(server, tls);
    const idle = await openClient(server, tls);
    socket.write(rawRequest({ target: WAIT_OPERATION }));
    await until(() => server.operations.service.waiting === 1);
    await server.server.close();
    await Promise.all([closed(socket), closed(idle.socket)]);
    expect([statusesIn(received.text), /connection: close/i.test(received.text)]).toEqual([[200], true]);
  });

  it("is ended when it has no call for a while", async () => {
    const clock = new FakeClock();
    await using server = await openServer({ tls, clock });
    const { socket, received } = await openClient(server, tls);
    socket.write(rawRequest());
    await received.until(OK);
    await until(() => {
      clock.advance(1_000);
      return socket.readableEnded || socket.destroyed;
    });
    expect(clock.monotonicMs()).toBeGreaterThan(75_000);
  });

  it("is not ended while a call waits", async () => {
    const clock = new FakeClock();
    await using server = await openServer({ tls, clock });
    const { socket } = await openClient(server, tls);
    socket.write(rawRequest({ target: WAIT_OPERATION }));
    await until(() => server.operations.service.waiting === 1);
    for (let minute = 0; minute < 60; minute++) {
      clock.advance(60_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { waiting } = server.operations.service;
    socket.destroy();
    expect(waiting).toBe(1);
  });
});

describe("a call of HTTP/1.1", () => {
  it("by gRPC-Web is Node's", async () => {
    await using server = await openServer();
    const { socket, received } = await openClient(server, undefined);
    const body = `\0\0\0\0\x14\n\x12${RUNNING}`;
    socket.write(rawRequest({ headers: [HOST, "Content-Type: application/grpc-web+proto"], body }));
    await received.until(/grpc-status: 0/);
    socket.destroy();
    expect(received.text).toContain(RUNNING);
  });

  it("with a large body is Node's", async () => {
    await using server = await openServer();
    const { socket, received } = await openClient(server, undefined);
    const body = JSON.stringify({ name: "x".repeat(100_000) });
    socket.write(rawRequest({ target: GET_OPERATION, body }));
    await received.until(/HTTP\/1\.1 \d+/);
    socket.destroy();
    expect(statusesIn(received.text)).toEqual([429]);
  });

  it("whose body does not come to its end is given up", async () => {
    const clock = new FakeClock();
    await using server = await openServer({ clock, transferTimeoutMs: 60_000 });
    const { socket } = await openClient(server, undefined);
    socket.write(rawRequest({ target: SIMULATE_WORK, body: "{", length: 100 }));
    await until(() => {
      clock.advance(1_000);
      return socket.readableEnded || socket.destroyed;
    });
    expect(socket.readableEnded || socket.destroyed).toBe(true);
  });

  it("that its client ends by half is cut where the body is missing", async () => {
    await using server = await openServer();
    const socket = server.connect({ allowHalfOpen: true });
    const received = new Received(socket);
    socket.end(rawRequest({ length: 1_000 }));
    await received.all();
    expect(statusesIn(received.text)).toEqual([400]);
  });

  it("for another host is refused where the server has names of its own", async () => {
    await using server = await openServer();
    const { socket, received } = await openClient(server, undefined);
    socket.write(rawRequest({ headers: ["Host: evil.test", JSON_BODY] }));
    await received.until(/HTTP\/1\.1 \d+/);
    socket.destroy();
    expect(statusesIn(received.text)).toEqual([403]);
  });
});
