import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { until } from "../until.ts";
import { callHttp2, connectHttp2 } from "./calls.ts";
import { type OpenServer, openServer, TLS } from "./open-server.ts";
import { closed, Received, rawRequest, statusesIn } from "./raw-http.ts";

const KINDS = [
  ["in cleartext", undefined],
  ["over TLS", TLS],
] as const;

describe.each(KINDS)("connections %s", (_, tls) => {
  it("beyond the limit are closed at once", async () => {
    await using server = await openServer({ tls, maxConnections: 2 });
    const kept = [await connectOnce(server), await connectOnce(server)];
    await closed(server.connect());
    expect(kept.map(({ destroyed }) => destroyed)).toEqual([false, false]);
  });

  it("that are open go on though others are refused", async () => {
    await using server = await openServer({ tls, maxConnections: 1 });
    const session = connectHttp2(server.url);
    await callHttp2(session);
    for (let i = 0; i < 20; i++) await closed(server.connect());
    expect((await callHttp2(session)).status).toBe(200);
    session.destroy();
  });

  it("may be made again when others have ended", async () => {
    await using server = await openServer({ tls, maxConnections: 1 });
    for (let i = 0; i < 3; i++) {
      const session = connectHttp2(server.url);
      await callHttp2(session);
      session.destroy();
      await until(() => session.destroyed);
    }
    await expect(until(() => canCall(server))).resolves.toBeUndefined();
  });
});

/** How the kernel calls the timer after which it asks the other end of a connection whether it is there. */
const KEEPALIVE_TIMER = "02";

/** The kernel's timers for the connections that a server on that port has taken. */
function timersOf(port: number): string[] {
  const own = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const rows = readFileSync("/proc/net/tcp", "utf8").split("\n").slice(1);
  const columns = rows.map((row) => row.trim().split(/\s+/));
  const ESTABLISHED = "01";
  return columns.flatMap(([, local = "", , state, , timer = ""]) =>
    local.endsWith(own) && state === ESTABLISHED ? [timer.slice(0, 2)] : [],
  );
}

describe.runIf(process.platform === "linux").each(KINDS)("a connection %s", (_, tls) => {
  it("whose client says nothing is asked by TCP whether it is there", async () => {
    await using server = await openServer({ tls });
    await connectOnce(server);
    await until(() => timersOf(server.port).length > 0);
    expect(timersOf(server.port)).toEqual([KEEPALIVE_TIMER]);
  });
});

describe("a connection of HTTP/1", () => {
  it("that has ended makes room for another", async () => {
    await using server = await openServer({ maxConnections: 1 });
    const first = server.connect();
    first.write(rawRequest());
    await new Received(first).until(/\r\n\r\n/);
    first.destroy();
    await expect(until(() => canCall(server))).resolves.toBeUndefined();
  });
});

/** A connection that the server has taken. */
async function connectOnce(server: OpenServer) {
  const socket = server.connect();
  await new Promise((resolve) => socket.once("connect", resolve));
  return socket;
}

async function canCall(server: OpenServer): Promise<boolean> {
  const session = connectHttp2(server.url);
  const { status } = await callHttp2(session);
  session.destroy();
  return status === 200;
}

describe("the answer of a server that is full", () => {
  it("to those whom it has taken is as ever", async () => {
    await using server = await openServer({ maxConnections: 1 });
    const socket = server.connect();
    const received = new Received(socket);
    socket.write(rawRequest());
    await received.until(/\r\n\r\n/);
    await closed(server.connect());
    socket.write(rawRequest());
    expect(statusesIn(await received.until(/HTTP/, 2))).toEqual([200, 200]);
  });
});
