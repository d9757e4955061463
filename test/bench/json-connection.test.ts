import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { JsonConnection } from "../../bench/load/json-connection.ts";

const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

it("gets one answer after the other on one connection", async () => {
  const call = await callsTo((response, body) => response.end(body));
  expect([await call("one"), await call("two")]).toEqual(["one", "two"]);
});

it("gets an answer that comes in chunks", async () => {
  const call = await callsTo((response) => {
    response.write("in ");
    setImmediate(() => response.end("chunks"));
  });
  expect(await call("any")).toMatch(/in [\s\S]*chunks/);
});

it("takes another status than 200 for a failure", async () => {
  const call = await callsTo((response) => response.writeHead(404).end("no"));
  expect(await call("unknown")).toBeUndefined();
});

it("takes a connection that is lost for a failure", async () => {
  const call = await callsTo((response) => response.socket?.destroy());
  expect(await call("lost")).toBeUndefined();
});

/** Calls a server that answers so. */
async function callsTo(
  respond: (response: ServerResponse, body: string) => void,
): Promise<(body: string) => Promise<string | undefined>> {
  const server = createServer(async (request, response) => {
    respond(response, Buffer.concat(await request.toArray()).toString());
  });
  server.listen({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  const { port } = server.address() as AddressInfo;
  const connection = await JsonConnection.open(port, "/a.Service/Method");
  closing.push(() => connection.close());
  return (body) =>
    new Promise((resolve) => {
      connection.call(body, (answer) => resolve(answer?.toString()));
    });
}
