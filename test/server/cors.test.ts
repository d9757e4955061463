import { createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { describe, expect, it } from "vitest";
import { Operations } from "../../gen/google/longrunning/operations_pb.ts";
import { callHttp2, connectHttp2 } from "./calls.ts";
import { type OpenServer, openServer, RUNNING } from "./open-server.ts";
import { GET_OPERATION, HOST, JSON_BODY, Received, rawRequest } from "./raw-http.ts";

const PAGE = "https://console.example.com";
const OTHER = "https://other.example.com";

const cors = { allowedOrigins: [PAGE] };

describe("a preflight", () => {
  it("of an allowed page is answered without a body", async () => {
    await using server = await openServer({ cors });
    expect((await preflight(server, PAGE)).status).toBe(204);
  });

  it("of an allowed page names the page", async () => {
    await using server = await openServer({ cors });
    expect((await preflight(server, PAGE)).header("access-control-allow-origin")).toBe(PAGE);
  });

  it("of an allowed page allows POST", async () => {
    await using server = await openServer({ cors });
    expect((await preflight(server, PAGE)).header("access-control-allow-methods")).toContain("POST");
  });

  it.each([
    "Content-Type",
    "Connect-Protocol-Version",
    "Connect-Timeout-Ms",
    "X-Grpc-Web",
    "Grpc-Timeout",
    "X-User-Agent",
    "X-Server-Timeout",
    "Authorization",
  ])("allows %s", async (name) => {
    await using server = await openServer({ cors });
    const allowed = (await preflight(server, PAGE)).header("access-control-allow-headers") ?? "";
    expect(allowed.toLowerCase().split(", ")).toContain(name.toLowerCase());
  });

  it("allows the headers that the server was told of", async () => {
    await using server = await openServer({ cors: { ...cors, allowedHeaders: ["authorization"] } });
    expect((await preflight(server, PAGE)).header("access-control-allow-headers")).toContain("authorization");
  });

  it("of another page is allowed nothing", async () => {
    await using server = await openServer({ cors });
    const answer = await preflight(server, OTHER);
    expect(answer.headers.filter((line) => line.startsWith("access-control-"))).toEqual([]);
  });

  it("of any page is allowed by *", async () => {
    await using server = await openServer({ cors: { allowedOrigins: ["*"] } });
    expect((await preflight(server, OTHER)).header("access-control-allow-origin")).toBe("*");
  });

  it("says that the answer differs by page", async () => {
    await using server = await openServer({ cors });
    expect((await preflight(server, OTHER)).header("vary")).toBe("Origin");
  });

  it("is not answered where no page may call", async () => {
    await using server = await openServer();
    expect((await preflight(server, PAGE)).status).toBe(405);
  });

  it("is answered over HTTP/2 too", async () => {
    await using server = await openServer({ cors });
    const session = connectHttp2(server.url);
    const headers = { ":method": "OPTIONS", origin: PAGE, "access-control-request-method": "POST" };
    expect((await callHttp2(session, headers, "")).status).toBe(204);
    session.destroy();
  });
});

describe("a call from a page", () => {
  it("that is allowed is answered with its name", async () => {
    await using server = await openServer({ cors });
    expect((await call(server, PAGE)).header("access-control-allow-origin")).toBe(PAGE);
  });

  it.each(["grpc-status", "grpc-message", "grpc-status-details-bin"])("may read %s", async (name) => {
    await using server = await openServer({ cors });
    const exposed = (await call(server, PAGE)).header("access-control-expose-headers") ?? "";
    expect(exposed.toLowerCase().split(", ")).toContain(name);
  });

  it("by REST is answered with what the answer differs by, its page among that", async () => {
    await using server = await openServer({ cors });
    const answer = await fetch(`${server.url}/v1/${RUNNING}`, { headers: { origin: PAGE } });
    expect(answer.headers.get("vary")?.split(", ").toSorted()).toEqual(["Origin", "accept-encoding"]);
  });

  it("that is not allowed is not told so by a header", async () => {
    await using server = await openServer({ cors });
    expect((await call(server, OTHER)).header("access-control-allow-origin")).toBeUndefined();
  });

  it("without an origin is answered as if there were no pages", async () => {
    await using server = await openServer({ cors });
    const { headers } = await call(server, undefined);
    expect(headers.filter((line) => line.startsWith("access-control-"))).toEqual([]);
  });

  it.each([
    ["Connect", createConnectTransport],
    [
      "Connect binary",
      (options: { baseUrl: string }) => createConnectTransport({ ...options, useBinaryFormat: true }),
    ],
    ["gRPC-Web", createGrpcWebTransport],
  ])("is answered by connect-web's %s transport", async (_, createTransport) => {
    await using server = await openServer({ cors });
    const client = createClient(Operations, createTransport({ baseUrl: server.url }));
    expect((await client.getOperation({ name: RUNNING })).name).toBe(RUNNING);
  });
});

/** An answer's head, with names in lower case. fetch would not let us send an Origin. */
interface Head {
  readonly status: number;
  readonly headers: readonly string[];
  header(name: string): string | undefined;
}

function preflight(server: OpenServer, origin: string): Promise<Head> {
  const headers = [HOST, `Origin: ${origin}`, "Access-Control-Request-Method: POST"];
  return headOf(server, rawRequest({ method: "OPTIONS", headers, body: "" }));
}

function call(server: OpenServer, origin: string | undefined): Promise<Head> {
  const headers = [HOST, JSON_BODY, ...(origin === undefined ? [] : [`Origin: ${origin}`])];
  return headOf(server, rawRequest({ target: GET_OPERATION, headers }));
}

async function headOf(server: OpenServer, request: string): Promise<Head> {
  const socket = server.connect();
  socket.write(request);
  const [first = "", ...lines] =
    (await new Received(socket).until(/\r\n\r\n/)).split("\r\n\r\n")[0]?.split("\r\n") ?? [];
  const headers = lines.map((line) => line.replace(/^[^:]+/, (name) => name.toLowerCase()));
  const header = (name: string) =>
    headers.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
  return { status: Number(first.split(" ")[1]), headers, header };
}
