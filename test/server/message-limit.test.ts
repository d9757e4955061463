import { type Client, Code, createClient } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { Operations } from "../../gen/google/longrunning/operations_pb.ts";
import { SimulatorService } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import { protocols } from "../service/protocols.ts";
import { refusalOf } from "../service/refusal.ts";
import { openServer } from "./open-server.ts";

/** The first byte that is too many for a service that the server has of itself. */
const TOO_LARGE = 64 * 1024 + 1;

async function codeOf(client: Client<typeof Operations>, length: number): Promise<Code> {
  return (await refusalOf(client.getOperation({ name: `operations/${"x".repeat(length)}` }))).code;
}

describe.each(protocols)("a request over $name", (protocol) => {
  it("of the five RPCs is refused where it is larger than 64 KiB", async () => {
    await using server = await openServer();
    using connection = protocol.connect(server.url);
    const client = createClient(Operations, connection.transport);
    expect(await codeOf(client, TOO_LARGE)).toBe(Code.ResourceExhausted);
  });

  it("of the five RPCs is read where it is a little smaller", async () => {
    await using server = await openServer();
    using connection = protocol.connect(server.url);
    const client = createClient(Operations, connection.transport);
    expect(await codeOf(client, TOO_LARGE - 100)).toBe(Code.NotFound);
  });

  it("of another service is read", async () => {
    await using server = await openServer();
    using connection = protocol.connect(server.url);
    const client = createClient(SimulatorService, connection.transport);
    const { name } = await client.simulateWork({ payload: "x".repeat(TOO_LARGE) });
    expect(name).toMatch(/^operations\//);
  });

  it("is refused where it is larger than the server's own limit, if that is less", async () => {
    await using server = await openServer({ readMaxBytes: 1_000 });
    using connection = protocol.connect(server.url);
    expect(await codeOf(createClient(Operations, connection.transport), 1_001)).toBe(Code.ResourceExhausted);
  });
});

describe("a request by REST", () => {
  it.each([
    ["of the five RPCs is refused where it is larger than 64 KiB", TOO_LARGE, 413],
    ["of the five RPCs is read where it is smaller", 1_000, 400],
  ])("%s", async (_, length, status) => {
    await using server = await openServer();
    const body = JSON.stringify({ unknown: "x".repeat(length) });
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${server.url}/v1/operations/running:cancel`, {
      method: "POST",
      body,
      headers,
    });
    expect(answer.status).toBe(status);
  });
});
