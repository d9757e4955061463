import { describe, expect, it } from "vitest";
import { callHttp2, connectHttp2 } from "./calls.ts";
import { type OpenServerOptions, openServer, RUNNING, TLS } from "./open-server.ts";
import { JSON_BODY, Received, rawRequest, statusesIn } from "./raw-http.ts";

const REBOUND = "rebound.example";
const somebody = () => ({ id: "somebody" });

/** Statuses of a call by each of these names. */
async function statusesBy(hosts: readonly string[], options: OpenServerOptions = {}): Promise<number[]> {
  await using server = await openServer(options);
  const socket = server.connect();
  const received = new Received(socket);
  for (const host of hosts) socket.write(rawRequest({ headers: [`Host: ${host}`, JSON_BODY] }));
  return statusesIn(await received.until(/HTTP\/1\.1 /, hosts.length));
}

describe("a server for this machine alone that asks nobody who they are", () => {
  it.each([
    ["127.0.0.1", 200],
    ["127.0.0.1:8080", 200],
    ["[::1]:8080", 200],
    ["192.168.0.7", 200],
    ["localhost", 200],
    ["LOCALHOST:8080", 200],
    ["localhost.:8080", 200],
    ["operations.localhost", 200],
    [REBOUND, 403],
    [`${REBOUND}:8080`, 403],
    ["localhost.rebound.example", 403],
    ["notlocalhost", 403],
    ["127.0.0.1.rebound.example", 403],
    ["operations", 403],
  ])("is called by the name %s: %d", async (host, status) => {
    expect(await statusesBy([host])).toEqual([status]);
  });

  it.each([true, false])("is called over HTTP/2 by any name, as no page can (direct: %s)", async (direct) => {
    await using server = await openServer({ direct });
    const session = connectHttp2(server.url);
    const { status } = await callHttp2(session, { ":authority": `${REBOUND}:${server.port}` });
    session.destroy();
    expect(status).toBe(200);
  });

  it.each([
    ["REST", { method: "GET", target: `/v1/${RUNNING}`, body: "" }],
    ["OpenAPI", { method: "GET", target: "/openapi.json", body: "" }],
    ["health", { target: "/grpc.health.v1.Health/Check", body: "{}" }],
    ["what is not served", { target: "/nothing" }],
    ["a preflight", { method: "OPTIONS", body: "" }],
  ])("is not asked by another name for %s", async (_, request) => {
    await using server = await openServer({ cors: { allowedOrigins: [`http://${REBOUND}`] } });
    const socket = server.connect();
    const received = new Received(socket);
    const preflight = [`Origin: http://${REBOUND}`, "Access-Control-Request-Method: POST"];
    socket.write(rawRequest({ ...request, headers: [`Host: ${REBOUND}`, JSON_BODY, ...preflight] }));
    expect(statusesIn(await received.until(/HTTP\/1\.1 /))).toEqual([403]);
  });

  it("tells what allows a name", async () => {
    await using server = await openServer({
      create: { errorDomain: "reports.example.com" },
      allowedHosts: [],
    });
    const session = connectHttp2(server.url);
    const { text } = await callHttp2(session, { ":authority": REBOUND });
    session.destroy();
    const message = `host "${REBOUND}" is not one that this server may be called by; --allow-host, or allowedHosts of serve, allows it`;
    expect(JSON.parse(text)).toEqual({
      ...{ code: "permission_denied", message },
      error: {
        ...{ code: 403, status: "PERMISSION_DENIED", message },
        details: [
          {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            ...{ reason: "HOST_NOT_ALLOWED", domain: "reports.example.com", metadata: { host: REBOUND } },
          },
        ],
      },
    });
  });

  it("tells it gRPC's clients as PERMISSION_DENIED", async () => {
    await using server = await openServer({ allowedHosts: [] });
    const session = connectHttp2(server.url);
    const stream = session.request({
      ...{ ":method": "POST", ":path": "/google.longrunning.Operations/GetOperation" },
      ...{ ":authority": REBOUND, "content-type": "application/grpc" },
    });
    const head = await new Promise<{ "grpc-status"?: unknown }>((resolve) => stream.on("response", resolve));
    session.destroy();
    expect(head["grpc-status"]).toBe("7");
  });

  it("goes on with the connection of a call that it refuses", async () => {
    expect(await statusesBy([REBOUND, "localhost", REBOUND])).toEqual([403, 200, 403]);
  });
});

describe("a server may be called by any name", () => {
  it.each<[string, OpenServerOptions]>([
    ["that asks who calls", { create: { access: { authenticate: somebody, authorize: () => true } } }],
    ["that other machines reach", { host: "0.0.0.0", insecure: true }],
    ["that every page may call", { cors: { allowedOrigins: ["*"] } }],
    ["that is told so", { allowedHosts: ["*"] }],
  ])("%s", async (_, options) => {
    expect(await statusesBy([REBOUND], options)).toEqual([200]);
  });

  it("over TLS, where a browser asks for a certificate of that name", async () => {
    await using server = await openServer({ tls: TLS });
    const session = connectHttp2(server.url);
    const { status } = await callHttp2(session, { ":authority": REBOUND });
    session.destroy();
    expect(status).toBe(200);
  });
});

describe("the names that a server is told of", () => {
  const hosts = ["a.example", "A.Example:8080", "x.a.example", "b.example", "x.b.example", "notb.example"];

  it("are those that it may be called by, with all below a name that begins with a dot", async () => {
    const statuses = await statusesBy([...hosts, "localhost"], { allowedHosts: ["a.example", ".b.example"] });
    expect(statuses).toEqual([200, 200, 403, 200, 200, 403, 200]);
  });

  it.each([true, false])("hold over HTTP/2 too (direct: %s)", async (direct) => {
    await using server = await openServer({ direct, allowedHosts: ["a.example"] });
    const session = connectHttp2(server.url);
    const call = (authority: string) => callHttp2(session, { ":authority": authority });
    const answers = await Promise.all([
      call(`${REBOUND}:${server.port}`),
      call("a.example"),
      call("localhost"),
    ]);
    session.destroy();
    expect(answers.map(({ status }) => status)).toEqual([403, 200, 200]);
  });

  it("hold wherever it listens", async () => {
    const options = { host: "0.0.0.0", insecure: true, allowedHosts: ["a.example"] };
    expect(await statusesBy(["a.example", REBOUND], options)).toEqual([200, 403]);
  });

  it.each(["", ".", "a b", "a.example:8080", "http://a.example", "a/b", "a@b"])(
    "are refused where one is none: %j",
    async (name) => {
      await expect(openServer({ allowedHosts: [name] })).rejects.toThrow(
        `allowedHosts: "${name}" is not the name of a host`,
      );
    },
  );
});

describe("a request that names no host", () => {
  it("is not judged by one", async () => {
    await using server = await openServer();
    const socket = server.connect();
    const received = new Received(socket);
    socket.write(rawRequest({ version: "HTTP/1.0", headers: [JSON_BODY] }));
    expect(statusesIn(await received.all())).toEqual([400]);
  });
});
