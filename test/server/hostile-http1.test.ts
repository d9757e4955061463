import { describe, expect, it } from "vitest";
import { until } from "../until.ts";
import { callHttp1 } from "./calls.ts";
import { noise } from "./noise.ts";
import type { OpenServer } from "./open-server.ts";
import {
  closed,
  GET_OPERATION,
  HOST,
  JSON_BODY,
  type RawRequest,
  Received,
  rawRequest,
  statusesIn,
  WAIT_OPERATION,
} from "./raw-http.ts";
import { underAttack } from "./under-attack.ts";

const attacked = underAttack();

const NO_GRPC = { headers: [HOST, "Content-Type: text/html"] };

/** Requests of HTTP/1, with the answer that they get. */
const REQUESTS: readonly (readonly [why: string, request: RawRequest, status: number])[] = [
  ["without a Host", { headers: [JSON_BODY] }, 400],
  ["with an empty Host", { headers: ["Host:", JSON_BODY] }, 400],
  ["with a Host of two words", { headers: ["Host: a b", JSON_BODY] }, 400],
  ["with half an IPv6 address for a Host", { headers: ["Host: [::", JSON_BODY] }, 400],
  ["with a port out of range", { headers: ["Host: a:99999", JSON_BODY] }, 400],
  ["with an unknown host", { headers: ["Host: example.com", JSON_BODY] }, 403],
  ["of HTTP/1.0", { version: "HTTP/1.0" }, 200],
  ["of HTTP/1.0 without a Host", { version: "HTTP/1.0", headers: [JSON_BODY] }, 400],
  ["of HTTP/3.7", { version: "HTTP/3.7" }, 400],
  ["for *", { method: "OPTIONS", target: "*", body: "" }, 404],
  ["for a target that is an address", { target: `http://127.0.0.1${GET_OPERATION}` }, 404],
  ["for a target that is no address", { target: "http://[" }, 404],
  ["for a target with a fragment", { target: `${GET_OPERATION}#a` }, 404],
  ["for a target with a broken escape", { target: `${GET_OPERATION}?a=%zz` }, 200],
  ["for a target with two slashes", { target: `/${GET_OPERATION}` }, 404],
  ["for an unknown method of a known service", { target: "/google.longrunning.Operations/Nope" }, 404],
  ["for an unknown service", { target: "/no.Such/Get" }, 404],
  ["for the root", { target: "/" }, 404],
  ["for a path out of the root", { target: "/../../etc/passwd" }, 404],
  ["with GET", { method: "GET", body: "" }, 405],
  ["with PUT", { method: "PUT" }, 405],
  ["with DELETE", { method: "DELETE", body: "" }, 405],
  ["with PURGE", { method: "PURGE", body: "" }, 405],
  ["with HEAD", { method: "HEAD", body: "" }, 405],
  ["with TRACE", { method: "TRACE", body: "" }, 405],
  ["with a made-up method", { method: "BREW" }, 400],
  ["without a content type", { headers: [HOST] }, 415],
  ["with a wrong content type", NO_GRPC, 415],
  ["with a content type of nonsense", { headers: [HOST, "Content-Type: ;;;=/,"] }, 415],
  [
    "with gRPC-Web in base64, which is not offered",
    { headers: [HOST, "Content-Type: application/grpc-web-text"] },
    415,
  ],
  ["with an unknown compression", { headers: [HOST, JSON_BODY, "Content-Encoding: br"] }, 501],
  ["that only says that it is compressed", { headers: [HOST, JSON_BODY, "Content-Encoding: gzip"] }, 400],
  ["with a body that is no JSON", { body: "{" }, 400],
  ["with a body that is not the message", { body: "7" }, 400],
  ["with a body that is no UTF-8", { body: '{"name":"\u00ff\u00fe"}', length: 13 }, 400],
  ["without a body", { body: "" }, 400],
  [
    "with JSON that is nested thirty thousand times",
    { body: `{"a":${"[".repeat(30_000)}${"]".repeat(30_000)}}` },
    400,
  ],
  ["with a length below zero", { length: -1 }, 400],
  ["with a length that is none", { length: "many" }, 400],
  ["with two lengths", { headers: [HOST, JSON_BODY, "Content-Length: 3"] }, 400],
  ["with a length and chunks", { headers: [HOST, JSON_BODY, "Transfer-Encoding: chunked"] }, 400],
  ["with an expectation that nobody meets", { headers: [HOST, JSON_BODY, "Expect: magic"] }, 417],
  [
    "with a flood of headers",
    { headers: [HOST, JSON_BODY, ...Array.from({ length: 900 }, (_, i) => `H${i}: ${i}`)] },
    200,
  ],
  ["with a deadline of words", { headers: [HOST, JSON_BODY, "Connect-Timeout-Ms: soon"] }, 400],
  ["with a deadline in the past", { headers: [HOST, JSON_BODY, "Connect-Timeout-Ms: -1"] }, 400],
  [
    "with a deadline of eleven digits",
    { headers: [HOST, JSON_BODY, "Connect-Timeout-Ms: 12345678901"] },
    400,
  ],
];

describe("a request of HTTP/1", () => {
  it.each(REQUESTS)("%s has its answer", async (_, request, status) => {
    const socket = attacked.server.connect();
    const received = new Received(socket);
    socket.write(rawRequest(request), "latin1");
    expect(statusesIn(await received.until(/\r\n\r\n/))[0]).toBe(status);
  });

  it("to connect elsewhere is not answered", async () => {
    const socket = attacked.server.connect();
    const received = new Received(socket);
    socket.write("CONNECT example.com:80 HTTP/1.1\r\nHost: example.com\r\n\r\n");
    expect(await received.all()).toBe("");
  });

  it("that is shorter than its length is not answered", async () => {
    const socket = attacked.server.connect({ allowHalfOpen: true });
    const received = new Received(socket);
    socket.end(rawRequest({ length: 1_000 }));
    expect(statusesIn(await received.all())).not.toContain(200);
  });

  it("that is longer than its length spoils the connection alone", async () => {
    const socket = attacked.server.connect();
    const received = new Received(socket);
    socket.write(rawRequest({ length: 5 }));
    expect(statusesIn(await received.all()).at(-1)).toBe(400);
  });

  it("of random bytes is refused", async () => {
    const sockets = Array.from({ length: 50 }, () => attacked.server.connect());
    const answers = sockets.map((socket, i) => {
      const received = new Received(socket);
      socket.end(noise(500, i));
      return received.all();
    });
    expect((await Promise.all(answers)).flatMap(statusesIn)).not.toContain(200);
  });

  it("may be reset in the middle", async () => {
    const socket = attacked.server.connect();
    socket.write(rawRequest({ length: 1_000 }));
    await callHttp1(attacked.server.url);
    socket.resetAndDestroy();
    await closed(socket);
    expect(socket.destroyed).toBe(true);
  });

  it.each([
    ["closed", (socket: ReturnType<OpenServer["connect"]>) => socket.destroy()],
    ["reset", (socket: ReturnType<OpenServer["connect"]>) => socket.resetAndDestroy()],
  ])("may be %s while it waits", async (_, leave) => {
    const socket = attacked.server.connect();
    socket.write(rawRequest({ target: WAIT_OPERATION }));
    await until(() => attacked.server.operations.service.waiting === 1);
    leave(socket);
    await until(() => attacked.server.operations.service.waiting === 0);
    expect(attacked.server.operations.service.waiting).toBe(0);
  });
});
