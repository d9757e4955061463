import type { ClientHttp2Session } from "node:http2";
import { describe, expect, it } from "vitest";
import type { OperationStore } from "../../src/store/operation-store.ts";
import { finish, keepMany, keepRunning } from "../service/stored.ts";
import { until } from "../until.ts";
import { answerOf, callHttp1, callHttp2, connectHttp2, sendHttp2 } from "./calls.ts";
import { openServer } from "./open-server.ts";
import { closed, Received, rawRequest, SIMULATE_WORK, statusesIn } from "./raw-http.ts";

const MIB = 2 ** 20;

const LIST_OPERATIONS = "/google.longrunning.Operations/ListOperations";
const PAGE = JSON.stringify({ pageSize: 1_000 });
const LIST_REQUEST = rawRequest({ target: LIST_OPERATIONS, body: PAGE });

/** Keeps so much that a page of it has a megabyte, as the largest have. */
async function keepPage(store: OperationStore): Promise<void> {
  for (let i = 0; i < 12; i++) await finish(store, await keepRunning(store), "x".repeat(100_000));
}

/** Sends a part of so many bodies on one connection, and no end. */
function sendHalves(session: ClientHttp2Session, count: number, bytes: number): void {
  for (let i = 0; i < count; i++) {
    const stream = sendHttp2(session, { ":path": SIMULATE_WORK });
    void answerOf(stream);
    stream.write(Buffer.alloc(bytes, " "));
  }
}

async function ended(session: ClientHttp2Session): Promise<boolean> {
  await until(() => session.destroyed);
  return session.destroyed;
}

describe("a connection of HTTP/2", () => {
  it("whose bodies never end is ended where they are more than may be held", async () => {
    await using server = await openServer({ maxHeldBytes: MIB });
    const session = connectHttp2(server.url);
    sendHalves(session, 20, 100_000);
    expect(await ended(session)).toBe(true);
  });

  it("that announces much is not believed until it comes", async () => {
    await using server = await openServer();
    const session = connectHttp2(server.url);
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 500; i++) {
      const stream = sendHttp2(session, { ":path": SIMULATE_WORK, "content-length": "4000000" });
      void answerOf(stream);
      stream.write(" ");
    }
    await callHttp2(session);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100 * MIB);
    session.destroy();
  });

  it("that does not read its answers is ended where they are more than may be held", async () => {
    await using server = await openServer({ maxHeldBytes: MIB });
    await keepMany(server.store, 1_000);
    const session = connectHttp2(server.url, { settings: { initialWindowSize: 0 } });
    for (let i = 0; i < 40; i++) void answerOf(listIn(session));
    expect(await ended(session)).toBe(true);
  });

  it("that holds little goes on when one that holds much is ended", async () => {
    await using server = await openServer({ maxHeldBytes: MIB });
    const honest = connectHttp2(server.url);
    sendHalves(honest, 1, 1_000);
    const hostile = connectHttp2(server.url);
    sendHalves(hostile, 20, 100_000);
    await ended(hostile);
    expect((await callHttp2(honest)).status).toBe(200);
    honest.destroy();
  });

  it("that has sent much, and been answered, holds nothing", async () => {
    await using server = await openServer({ maxHeldBytes: MIB });
    const session = connectHttp2(server.url);
    const body = JSON.stringify({ payload: "x".repeat(200_000) });
    for (let i = 0; i < 20; i++) {
      expect((await callHttp2(session, { ":path": SIMULATE_WORK }, body)).status).toBe(200);
    }
    session.destroy();
  });
});

describe("connections of HTTP/1", () => {
  it("whose bodies never end are ended where they are more than may be held", async () => {
    await using server = await openServer({ maxHeldBytes: MIB });
    const sockets = Array.from({ length: 4 }, () => {
      const socket = server.connect();
      socket.write(rawRequest({ target: SIMULATE_WORK, body: " ".repeat(400_000), length: 500_000 }));
      return socket;
    });
    await until(() => sockets.some(({ destroyed }) => destroyed));
    expect((await callHttp1(server.url)).status).toBe(200);
  });

  it("that do not read their answers are ended where they are more than may be held", async () => {
    await using server = await openServer({ maxHeldBytes: 8 * MIB });
    await keepPage(server.store);
    const sockets = Array.from({ length: 12 }, () => server.connect());
    // The first of them stay with the operating system, which takes some megabytes.
    for (const socket of sockets) socket.write(LIST_REQUEST.repeat(12));
    // Who does not read hears of the end when it writes. A server passes over empty lines (RFC 9112, section 2.2).
    await until(() => {
      for (const socket of sockets) if (!socket.destroyed) socket.write("\r\n");
      return sockets.some(({ destroyed }) => destroyed);
    });
    expect((await callHttp1(server.url)).status).toBe(200);
  });

  it("that read their answers may have any number of them", async () => {
    await using server = await openServer({ maxHeldBytes: 8 * MIB });
    await keepPage(server.store);
    const sizes: number[] = [];
    for (let i = 0; i < 15; i++) {
      const body = { method: "POST", headers: { "content-type": "application/json" }, body: PAGE };
      sizes.push((await (await fetch(`${server.url}${LIST_OPERATIONS}`, body)).text()).length);
    }
    expect(Math.min(...sizes)).toBeGreaterThan(900_000);
  });

  it("are ended one by one, the one that holds the most first", async () => {
    await using server = await openServer({ maxHeldBytes: MIB });
    const [small, large] = [400_000, 900_000].map((sent) => {
      const socket = server.connect();
      socket.write(rawRequest({ target: SIMULATE_WORK, body: " ".repeat(sent), length: sent + 100_000 }));
      return { socket, received: new Received(socket) };
    });
    await closed(large?.socket ?? server.connect());
    small?.socket.write(`${" ".repeat(99_998)}{}`);
    expect(statusesIn((await small?.received.until(/\r\n\r\n/)) ?? "")).toEqual([200]);
  });
});

function listIn(session: ClientHttp2Session) {
  const stream = sendHttp2(session, { ":path": LIST_OPERATIONS });
  stream.end(PAGE);
  return stream;
}
