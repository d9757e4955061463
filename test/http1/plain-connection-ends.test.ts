import { Code, ConnectError, type ConnectRouter, type HandlerContext } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { SimulatorService } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { openServer, RUNNING, TLS } from "../server/open-server.ts";
import { closed, rawRequest, SIMULATE_WORK, statusesIn, WAIT_OPERATION } from "../server/raw-http.ts";
import { until } from "../until.ts";
import { openClient, sent } from "./open-client.ts";

const OK = /HTTP\/1\.1 200 OK/;
const LARGE = 30_000_000;

/** A gate that asks somebody else first. */
function slowGate(let_: { pass: () => void }): () => Promise<void> {
  return () =>
    new Promise((resolve) => {
      let_.pass = resolve;
    });
}

function answering(answer: (context: HandlerContext) => string) {
  const simulateWork = (_: unknown, context: HandlerContext) => ({ name: answer(context) });
  return (router: ConnectRouter) => void router.service(SimulatorService, { simulateWork });
}

const CALL = rawRequest({ target: SIMULATE_WORK, body: "{}" });

describe.each([
  ["in cleartext", undefined],
  ["over TLS", TLS],
])("a connection of HTTP/1.1 %s", (_, tls) => {
  it("loses nothing of a body that came in pieces while the gate was asked", async () => {
    const gate = { pass: () => {} };
    await using server = await openServer({ tls, connect: { requestGate: slowGate(gate) } });
    const { socket, received } = await openClient(server, tls);
    const body = JSON.stringify({ name: RUNNING }).padEnd(30_000);
    const request = rawRequest({ body });
    const bodyAt = request.length - body.length;
    await sent(socket, request.slice(0, bodyAt + 9_000));
    for (let at = 9_000; at < 30_000; at += 7_000) {
      await sent(socket, request.slice(bodyAt + at, bodyAt + at + 7_000));
    }
    gate.pass();
    await received.until(OK);
    gate.pass = () => {};
    socket.write(rawRequest());
    await until(() => {
      gate.pass();
      return statusesIn(received.text).length === 2;
    });
    socket.destroy();
    expect(statusesIn(received.text)).toEqual([200, 200]);
  });

  it("forgets the body of a call that is refused, which nobody has read", async () => {
    let isFirst = true;
    const gate = { pass: () => {} };
    const slow = slowGate(gate);
    const requestGate = async () => {
      if (!isFirst) return;
      isFirst = false;
      await slow();
      throw new ConnectError("no", Code.PermissionDenied);
    };
    await using server = await openServer({ tls, connect: { requestGate } });
    const { socket, received } = await openClient(server, tls);
    const request = rawRequest({ body: JSON.stringify({ name: "operations/other" }) });
    await sent(socket, request.slice(0, -20));
    await sent(socket, request.slice(-20, -10));
    await sent(socket, request.slice(-10));
    gate.pass();
    await received.until(/HTTP\/1\.1 403/);
    socket.write(rawRequest());
    await received.until(OK);
    socket.destroy();
    expect(received.text).toContain(RUNNING);
  });

  it("is not taken for idle while an answer is on its way", async () => {
    const clock = new FakeClock();
    const routes = answering(() => "x".repeat(LARGE));
    await using server = await openServer({ tls, clock, routes });
    const { socket, received } = await openClient(server, tls);
    socket.pause();
    socket.write(CALL);
    await until(() => socket.readableLength > 0);
    for (let second = 0; second < 85; second++) {
      clock.advance(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    socket.resume();
    await until(() => received.text.length > LARGE || socket.destroyed);
    socket.destroy();
    expect(received.text.length).toBeGreaterThan(LARGE);
  });

  it("has all of an answer that is on its way when the server stops", async () => {
    await using server = await openServer({
      ...{ tls, graceMs: 30_000 },
      routes: answering(() => "x".repeat(LARGE)),
    });
    const { socket, received } = await openClient(server, tls);
    socket.pause();
    socket.write(CALL);
    await until(() => socket.readableLength > 0);
    const stopped = server.server.close();
    socket.resume();
    await closed(socket);
    await stopped;
    expect(received.text.length).toBeGreaterThan(LARGE);
  });

  it("has its time without a request from the end of the last answer on", async () => {
    const clock = new FakeClock();
    await using server = await openServer({ tls, clock, create: { clock } });
    const { socket, received } = await openClient(server, tls);
    const body = JSON.stringify({ name: RUNNING, timeout: "100s" });
    socket.write(rawRequest({ target: WAIT_OPERATION, body }));
    await until(() => server.operations.service.waiting === 1);
    await until(() => {
      if (server.operations.service.waiting > 0) clock.advance(1_000);
      return statusesIn(received.text).length === 1;
    });
    for (let second = 0; second < 60; second++) {
      clock.advance(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    socket.write(rawRequest());
    await received.until(OK, 2);
    socket.destroy();
    expect(statusesIn(received.text)).toEqual([200, 200]);
  });

  it("is closed behind its last answer, whether its client closes its half or not, and takes no call more", async () => {
    const graceMs = 60_000;
    let calls = 0;
    const routes = answering(() => String(++calls));
    await using server = await openServer({ tls, graceMs, routes });
    const { socket, received } = await openClient(server, tls, { allowHalfOpen: true });
    socket.write(rawRequest({ target: WAIT_OPERATION }));
    await until(() => server.operations.service.waiting === 1);
    const beginMs = performance.now();
    const stopped = server.server.close();
    await received.until(OK);
    socket.write(CALL);
    await stopped;
    socket.destroy();
    expect([calls, performance.now() - beginMs < graceMs / 2]).toEqual([0, true]);
  });

  it("whose client sends more and more behind a call that waits is ended", async () => {
    const clock = new FakeClock();
    await using server = await openServer({ tls, clock });
    const { socket } = await openClient(server, tls);
    socket.write(rawRequest({ target: WAIT_OPERATION }));
    await until(() => server.operations.service.waiting === 1);
    socket.write(rawRequest({ body: JSON.stringify({ name: RUNNING }).padEnd(300_000) }));
    await until(() => {
      clock.advance(1_000);
      return server.operations.service.waiting === 0;
    });
    socket.destroy();
    expect(server.operations.service.waiting).toBe(0);
  });
});

describe("connections of HTTP/1.1", () => {
  it("whose clients send behind calls that wait are ended where they make the server hold too much", async () => {
    await using server = await openServer({ maxHeldBytes: 1_000_000 });
    const clients = await Promise.all(Array.from({ length: 40 }, () => openClient(server, undefined)));
    for (const { socket } of clients) socket.write(rawRequest({ target: WAIT_OPERATION }));
    await until(() => server.operations.service.waiting === 40);
    for (const { socket } of clients) socket.write(rawRequest({ body: "{}".padEnd(60_000) }).slice(0, -1));
    await until(() => server.operations.service.waiting < 20);
    const { waiting } = server.operations.service;
    for (const { socket } of clients) socket.destroy();
    expect(waiting).toBeGreaterThan(0);
  });

  it("that say nothing over TLS are ended after a minute", async () => {
    const clock = new FakeClock();
    await using server = await openServer({ tls: TLS, clock });
    const { socket } = await openClient(server, TLS);
    await until(() => {
      clock.advance(1_000);
      return socket.readableEnded || socket.destroyed;
    });
    expect(clock.monotonicMs()).toBeLessThanOrEqual(70_000);
  });
});

describe("what a handler says of the connection", () => {
  const sets = [
    ["connection", "close"],
    ["connection", "upgrade"],
    ["transfer-encoding", "chunked"],
    ["date", "Thu, 01 Jan 1970 00:00:00 GMT"],
    ["keep-alive", "timeout=5"],
    ["trailer", "x-a"],
    ["upgrade", "h2c"],
    ["set-cookie", "a=1"],
    ["content-length", "3"],
  ] as const;

  it.each(sets)("is said as Node says it: %s: %s", async (name, value) => {
    const answers = [];
    for (const direct of [false, true]) {
      const routes = answering(({ responseHeader }) => {
        responseHeader.set(name, value);
        return "hello";
      });
      await using server = await openServer({ direct, routes });
      const { socket, received } = await openClient(server, undefined);
      socket.write(CALL);
      await received.until(/hello|500 /);
      await sent(socket, "");
      const isEnded = socket.readableEnded || socket.destroyed;
      socket.destroy();
      answers.push({ text: received.text.replace(/Date: .*\r\n/, ""), isEnded });
    }
    expect(answers[1]).toEqual(answers[0]);
  });
});
