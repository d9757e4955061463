import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { describe, expect, it } from "vitest";
import { type OpenServer, openServer, TLS } from "./open-server.ts";
import { closed, HOST, Received, rawRequest } from "./raw-http.ts";

/** A Watch of grpc.health.v1: a stream, whose headers are sent long before it ends. */
const WATCH = {
  target: "/grpc.health.v1.Health/Watch",
  headers: [HOST, "Content-Type: application/connect+json"],
  body: "\0\0\0\0\x02{}",
};

const connectors: Record<string, (server: OpenServer) => Socket> = {
  cleartext: ({ port }) => connect(port, "127.0.0.1"),
  TLS: ({ port }) => connectTls({ port, rejectUnauthorized: false, ALPNProtocols: ["http/1.1"] }),
};

describe.each(Object.entries(connectors))(
  "a server that stops in mid-stream over HTTP/1.1, %s",
  (kind, to) => {
    it("closes the connection when the stream has ended, and not only when the grace is over", async () => {
      await using server = await openServer({ graceMs: 600_000, tls: kind === "TLS" ? TLS : undefined });
      const socket = to(server);
      const received = new Received(socket);
      socket.write(rawRequest(WATCH));
      await received.until(/"SERVING"/);
      await Promise.all([server.server.close(), closed(socket)]);
      expect(received.text).toContain('"NOT_SERVING"');
    });
  },
);
