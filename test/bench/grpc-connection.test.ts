import { once } from "node:events";
import { constants, createServer, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { GrpcConnection } from "../../bench/load/grpc-connection.ts";

const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

it("gets the message of each call", async () => {
  const call = await callsTo(echo);
  const answers = await Promise.all(["one", "two", "three"].map(call));
  expect(answers).toEqual(["one", "two", "three"]);
});

it("sends the same headers with every call", async () => {
  const paths: (string | undefined)[] = [];
  const call = await callsTo((stream, path) => {
    paths.push(path);
    echo(stream);
  });
  await call("first");
  await call("second");
  expect(paths).toEqual(["/a.Service/Method", "/a.Service/Method"]);
});

it("gets a message that comes in pieces, longer than a window", async () => {
  const call = await callsTo((stream) => answer(stream, "x".repeat(300_000)));
  expect((await call("long"))?.length).toBe(300_000);
});

it("takes an answer without a message for a failure", async () => {
  const call = await callsTo((stream) => {
    stream.respond({ ":status": 200, "grpc-status": "5" }, { endStream: true });
  });
  expect(await call("unknown")).toBeUndefined();
});

it("takes a stream that is reset for a failure", async () => {
  const call = await callsTo((stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR));
  expect(await call("reset")).toBeUndefined();
});

it("takes a connection that is lost for a failure", async () => {
  const call = await callsTo((stream) => stream.session?.destroy());
  expect(await call("lost")).toBeUndefined();
});

/** Calls a server that answers so. */
async function callsTo(
  respond: (stream: ServerHttp2Stream, path: string | undefined) => void,
): Promise<(text: string) => Promise<string | undefined>> {
  const server = createServer();
  server.on("stream", (stream, { ":path": path }) => {
    stream.on("error", () => {});
    respond(stream, path);
  });
  server.listen({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  const { port } = server.address() as AddressInfo;
  const connection = await GrpcConnection.open(port, "/a.Service/Method");
  closing.push(() => connection.close());
  return (text) =>
    new Promise((resolve) => {
      connection.call(Buffer.from(text), (message) => resolve(message?.toString()));
    });
}

async function echo(stream: ServerHttp2Stream): Promise<void> {
  const request = Buffer.concat(await stream.toArray());
  answer(stream, request.subarray(5).toString());
}

function answer(stream: ServerHttp2Stream, text: string): void {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(text.length, 1);
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.write(head);
  stream.end(text);
}
