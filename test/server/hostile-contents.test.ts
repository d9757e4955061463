import { once } from "node:events";
import { gzipSync } from "node:zlib";
import { createClient } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { SimulatorService } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import { callHttp1, callHttp2, connectHttp2, envelope } from "./calls.ts";
import { openServer, RUNNING } from "./open-server.ts";
import { closed, GET_OPERATION, Received, rawRequest, SIMULATE_WORK, statusesIn } from "./raw-http.ts";
import { FLAG, FRAME, frame, GREETING, grpcFields, headerBlock } from "./raw-http2.ts";
import { underAttack } from "./under-attack.ts";

const attacked = underAttack();

/** 100 MB of zeros. */
const BOMB = gzipSync(Buffer.alloc(100_000_000));

const JSON_TYPE = { "content-type": "application/json" };
const GZIP = { "content-encoding": "gzip" };

/** Every way in which a compressed body can come, with the code or the status that a bomb gets. */
const BOMBS: readonly (readonly [
  way: string,
  headers: Record<string, string>,
  body: Buffer,
  told: string,
])[] = [
  [
    "gRPC",
    { "content-type": "application/grpc", "grpc-encoding": "gzip" },
    envelope(BOMB, 1),
    "grpc-status: 8",
  ],
  [
    "gRPC in JSON",
    { "content-type": "application/grpc+json", "grpc-encoding": "gzip" },
    envelope(BOMB, 1),
    "grpc-status: 8",
  ],
  [
    "gRPC-Web",
    { "content-type": "application/grpc-web+proto", "grpc-encoding": "gzip" },
    envelope(BOMB, 1),
    "grpc-status: 8",
  ],
  ["Connect", { "content-type": "application/proto", ...GZIP }, BOMB, "resource_exhausted"],
  ["Connect in JSON", { ...JSON_TYPE, ...GZIP }, BOMB, "resource_exhausted"],
];

describe.each([
  ["the five RPCs", GET_OPERATION],
  ["another service", SIMULATE_WORK],
])("a bomb for %s", (_, path) => {
  it.each(BOMBS)("over %s is refused", async (_, headers, body, told) => {
    const session = connectHttp2(attacked.server.url);
    const { text, trailers } = await callHttp2(session, { ":path": path, ...headers }, body);
    session.destroy();
    expect(`${text} grpc-status: ${trailers["grpc-status"]}`).toContain(told);
  });
});

describe("a bomb by REST", () => {
  it("is refused", async () => {
    const url = `${attacked.server.url}/v1/${RUNNING}:cancel`;
    const answer = await fetch(url, { method: "POST", headers: { ...JSON_TYPE, ...GZIP }, body: BOMB });
    expect(answer.status).toBe(413);
  });
});

/** What an object of JavaScript has that no message has. */
const INHERITED = ["__proto__", "constructor", "prototype", "hasOwnProperty", "toString", "valueOf"];

describe.each(INHERITED)("the key %j", (key) => {
  const polluting = `{"name":${JSON.stringify(RUNNING)},"${key}":{"polluted":true,"prototype":{"polluted":true}}}`;

  it("in JSON changes no object of the server", async () => {
    await fetch(`${attacked.server.url}${GET_OPERATION}`, {
      method: "POST",
      headers: JSON_TYPE,
      body: polluting,
    });
    expect("polluted" in {} || "polluted" in Object).toBe(false);
  });

  it("in JSON by REST is no field", async () => {
    const url = `${attacked.server.url}/v1/${RUNNING}:cancel`;
    const answer = await fetch(url, {
      method: "POST",
      headers: JSON_TYPE,
      body: `{"${key}":{"polluted":1}}`,
    });
    expect([answer.status, "polluted" in {}]).toEqual([400, false]);
  });

  it.each(["=1", ".polluted=1", ".prototype.polluted=1", "[polluted]=1"])(
    "in a query with %j is no field",
    async (rest) => {
      const answer = await fetch(`${attacked.server.url}/v1/operations?${key}${rest}`);
      expect([answer.status, "polluted" in {}]).toEqual([400, false]);
    },
  );

  it("as the name of a header is a header as any other", async () => {
    const socket = attacked.server.connect();
    const received = new Received(socket);
    socket.write(rawRequest({ headers: ["Host: localhost", "Content-Type: application/json", `${key}: 1`] }));
    expect(statusesIn(await received.until(/\r\n\r\n/))).toEqual([200]);
  });

  it("as a path is not served", async () => {
    expect((await callHttp1(attacked.server.url, {}, `/${key}`)).status).toBe(404);
  });
});

const FORGED = "x\n2026-01-01 [error] the store is gone\r\n\u001b[2J\u0000";

describe("what a caller says", () => {
  it("stands in no line of its own in what is logged", async () => {
    await using server = await openServer();
    const failing = { payload: FORGED, error: { code: 13, message: FORGED } };
    const transport = (await import("@connectrpc/connect-node")).createGrpcTransport({ baseUrl: server.url });
    await createClient(SimulatorService, transport).simulateWork(failing);
    await callHttp1(server.url, { "x-forged": "a" }, `/${encodeURIComponent(FORGED)}`);
    expect(server.logged.join("")).not.toContain("the store is gone");
  });

  it("stands escaped in a refusal", async () => {
    const answer = await fetch(`${attacked.server.url}${GET_OPERATION}`, {
      method: "POST",
      headers: JSON_TYPE,
      body: JSON.stringify({ name: `operations/${FORGED}` }),
    });
    const { message }: { message: string } = await answer.json();
    expect(message).toContain(JSON.stringify(FORGED).slice(1, -1));
  });
});

describe("metadata", () => {
  it("that refers to one large field a thousand times is refused", async () => {
    const socket = attacked.server.connect();
    const received = new Received(socket);
    // A field of 3 KB that is to be remembered, and then a thousand times that field, in a byte each (RFC 7541).
    const remembered = Buffer.concat([
      Buffer.from([0x40]),
      headerBlock({ "x-large": "x".repeat(3_000) }).subarray(1),
    ]);
    const block = Buffer.concat([
      headerBlock(grpcFields(GET_OPERATION)),
      remembered,
      Buffer.alloc(1_000, 0xbe),
    ]);
    socket.write(Buffer.concat([GREETING, frame(FRAME.headers, FLAG.endHeaders | FLAG.endStream, 1, block)]));
    await received.until(/[\s\S]{9}/);
    socket.end();
    await closed(socket);
    expect(received.text).not.toContain(RUNNING);
  });
});

describe("streams that are reset as soon as they are opened", () => {
  it("are no calls", async () => {
    let calls = 0;
    await using server = await openServer({ connect: { requestGate: () => void calls++ } });
    const socket = server.connect();
    socket.resume();
    const block = headerBlock({ ...grpcFields(GET_OPERATION), "content-type": "application/json" });
    const burst = Array.from({ length: 200 }, (_, i) => [
      frame(FRAME.headers, FLAG.endHeaders, 2 * i + 1, block),
      frame(FRAME.rstStream, 0, 2 * i + 1, Buffer.from([0, 0, 0, 8])),
    ]);
    await once(socket, "connect");
    socket.write(Buffer.concat([GREETING, ...burst.flat()]));
    await callHttp1(server.url);
    await callHttp1(server.url);
    // Two honest ones, and those whose reset came in a later packet.
    expect(calls).toBeLessThan(20);
  });

  it("end their connection where they are many", async () => {
    const socket = attacked.server.connect();
    socket.resume();
    const block = headerBlock({ ...grpcFields(GET_OPERATION), "content-type": "application/json" });
    const burst = Array.from({ length: 1_000 }, (_, i) => [
      frame(FRAME.headers, FLAG.endHeaders, 2 * i + 1, block),
      frame(FRAME.rstStream, 0, 2 * i + 1, Buffer.from([0, 0, 0, 8])),
    ]);
    socket.write(Buffer.concat([GREETING, ...burst.flat()]));
    await closed(socket);
    expect(socket.destroyed).toBe(true);
  });
});
