import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { get } from "node:https";
import { connect, rootCertificates, type TLSSocket } from "node:tls";
import { describe, expect, it } from "vitest";
import { until } from "../until.ts";
import { callHttp2, connectHttp2 } from "./calls.ts";
import { type OpenServer, openServer, TLS } from "./open-server.ts";
import { closed, HOST, JSON_BODY, Received, rawRequest, statusesIn, WAIT_OPERATION } from "./raw-http.ts";

const ANSWER = /\{"name":"operations\/running"\}/;

describe("a server with a certificate", () => {
  it("says https", async () => {
    await using server = await openServer({ tls: TLS });
    expect(server.url).toBe(`https://127.0.0.1:${server.port}`);
  });

  it.each(["h2", "http/1.1"])("agrees on %s with a client that speaks nothing else", async (protocol) => {
    await using server = await openServer({ tls: TLS });
    const socket = await connectTls(server, [protocol]);
    expect(socket.alpnProtocol).toBe(protocol);
    socket.destroy();
  });

  it("prefers HTTP/2", async () => {
    await using server = await openServer({ tls: TLS });
    const socket = await connectTls(server, ["http/1.1", "h2"]);
    expect(socket.alpnProtocol).toBe("h2");
    socket.destroy();
  });

  it("answers over HTTP/2", async () => {
    await using server = await openServer({ tls: TLS });
    const session = connectHttp2(server.url);
    expect((await callHttp2(session)).text).toMatch(ANSWER);
    session.destroy();
  });

  it.each([["http/1.1"], []])("answers over HTTP/1.1 (ALPN %s)", async (...protocols) => {
    await using server = await openServer({ tls: TLS });
    const socket = await connectTls(server, protocols);
    socket.write(rawRequest());
    expect(await new Received(socket).until(ANSWER)).toMatch(ANSWER);
    socket.destroy();
  });

  it("refuses a header that is too large over HTTP/1.1", async () => {
    await using server = await openServer({ tls: TLS, maxHeaderBytes: 4_096 });
    const socket = await connectTls(server, ["http/1.1"]);
    socket.write(rawRequest({ headers: [HOST, JSON_BODY, `X-Large: ${"x".repeat(5_000)}`] }));
    expect(statusesIn(await new Received(socket).all())).toEqual([431]);
  });

  it("answers calls over HTTP/1.1 that come in several records while answers wait to be sent", async () => {
    await using server = await openServer({ tls: TLS });
    const socket = await connectTls(server, ["http/1.1"]);
    // More than a record of TLS holds, and more answers than Node keeps before it reads no further.
    const many = 400;
    socket.write(rawRequest({ method: "GET", target: "/openapi.json", body: "" }).repeat(many));
    const received = await new Received(socket).until(/HTTP\/1\.1 200 /, many);
    expect(statusesIn(received)).toEqual(Array.from({ length: many }, () => 200));
    socket.destroy();
  });

  it("answers on after clients that speak no TLS", async () => {
    await using server = await openServer({ tls: TLS });
    const plain = server.connect();
    plain.write(rawRequest());
    await new Received(plain).all();
    const session = connectHttp2(server.url);
    expect((await callHttp2(session)).text).toMatch(ANSWER);
    session.destroy();
  });
});

describe("a server that asks clients for a certificate", () => {
  const MUTUAL_TLS = { ...TLS, clientCa: TLS.cert };

  it.each(["h2", "http/1.1"])("answers one that has it over %s", async (protocol) => {
    await using server = await openServer({ tls: MUTUAL_TLS });
    expect(await statusOver(protocol, server.url, TLS)).toBe(200);
  });

  it.each(["h2", "http/1.1"])("answers none that has none over %s", async (protocol) => {
    await using server = await openServer({ tls: MUTUAL_TLS });
    expect(await statusOver(protocol, server.url)).toBeUndefined();
  });

  it("answers none whose certificate another has signed", async () => {
    await using server = await openServer({ tls: { ...TLS, clientCa: rootCertificates[0] } });
    expect(await statusOver("h2", server.url, TLS)).toBeUndefined();
  });
});

describe("a server with a certificate that stops", () => {
  it("closes an HTTP/1.1 connection that is idle", async () => {
    await using server = await openServer({ tls: TLS, graceMs: 600_000 });
    const socket = await connectTls(server, ["http/1.1"]);
    const received = new Received(socket);
    socket.write(rawRequest());
    await received.until(ANSWER);
    await server.server.close();
    expect(await received.all()).toMatch(ANSWER);
  });

  it("closes an HTTP/2 connection that is idle", async () => {
    await using server = await openServer({ tls: TLS, graceMs: 600_000 });
    const session = connectHttp2(server.url);
    await callHttp2(session);
    const goneAway = once(session, "goaway");
    await server.server.close();
    const [code] = await goneAway;
    expect(code).toBe(0);
  });

  it("answers who waits over HTTP/1.1, and says that it was the last answer", async () => {
    await using server = await openServer({ tls: TLS, graceMs: 600_000 });
    const socket = await connectTls(server, ["http/1.1"]);
    const received = new Received(socket);
    socket.write(rawRequest({ target: WAIT_OPERATION }));
    await until(() => server.operations.service.waiting === 1);
    await server.server.close();
    expect(await received.all()).toMatch(/connection: close[\s\S]*\{"name":"operations\/running"\}/i);
  });

  it("does not wait longer than its grace for a client that never shakes hands", async () => {
    await using server = await openServer({ tls: TLS, graceMs: 50 });
    const socket = server.connect();
    socket.resume();
    await once(socket, "connect");
    await server.server.close();
    await closed(socket);
    expect(socket.destroyed).toBe(true);
  });
});

/** The status that a call is answered with by a client with these certificates; undefined where it gets no answer. */
async function statusOver(
  protocol: string,
  url: string,
  certificates: { readonly key?: Buffer; readonly cert?: Buffer } = {},
): Promise<number | undefined> {
  const options = { ...certificates, rejectUnauthorized: false };
  if (protocol === "h2") {
    const session = connectHttp2(url, options);
    const { status } = await callHttp2(session);
    session.destroy();
    return status;
  }
  const request = get(`${url}/openapi.json`, { ...options, agent: false });
  const response = await new Promise<IncomingMessage | undefined>((resolve) => {
    request.once("response", resolve).once("error", () => resolve(undefined));
  });
  response?.destroy();
  return response?.statusCode;
}

async function connectTls(server: OpenServer, ALPNProtocols: string[]): Promise<TLSSocket> {
  const socket = connect({ port: server.port, host: "127.0.0.1", rejectUnauthorized: false, ALPNProtocols });
  socket.on("error", () => {});
  await once(socket, "secureConnect");
  return socket;
}
