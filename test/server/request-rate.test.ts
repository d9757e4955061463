import { Code, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { describe, expect, it } from "vitest";
import { Operations } from "../../gen/google/longrunning/operations_pb.ts";
import { RetryInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import { protocols } from "../service/protocols.ts";
import { errorInfosOf, refusalOf } from "../service/refusal.ts";
import { until } from "../until.ts";
import { callHttp1 } from "./calls.ts";
import { type OpenServer, type OpenServerOptions, openServer, RUNNING } from "./open-server.ts";
import { HOST, JSON_BODY, Received, rawRequest, statusesIn } from "./raw-http.ts";

const CALLER = "x-caller";

function openRated(options: OpenServerOptions): Promise<OpenServer> {
  const principalOf = ({ requestHeader }: { requestHeader: Headers }) =>
    requestHeader.get(CALLER) ?? undefined;
  return openServer({ create: { principalOf }, ...options });
}

/** Calls at once as often as that, and answers the status codes. */
async function callOften({ url }: OpenServer, times: number, headers: Record<string, string> = {}) {
  const calls = Array.from({ length: times }, () => callHttp1(url, headers));
  return (await Promise.all(calls)).map(({ status }) => status);
}

function countOf(statuses: readonly number[], status: number): number {
  return statuses.filter((each) => each === status).length;
}

describe.each(protocols)("too many calls a second over $name", (protocol) => {
  it("are refused, and told when to come again", async () => {
    await using server = await openRated({ maxCallsPerSecond: 1 });
    using connection = protocol.connect(server.url);
    const client = createClient(Operations, connection.transport);
    const calls = Array.from({ length: 20 }, () => client.getOperation({ name: RUNNING }));
    const error = await refusalOf(Promise.all(calls));
    expect([error.code, errorInfosOf(error), error.findDetails(RetryInfoSchema)]).toMatchObject([
      Code.ResourceExhausted,
      [{ reason: "TOO_MANY_CALLS", metadata: { scope: "process", limit: "1" } }],
      [{ retryDelay: { seconds: 1n } }],
    ]);
    await Promise.allSettled(calls);
  });
});

describe("the request rate", () => {
  it("is without limit by default", async () => {
    await using server = await openRated({});
    expect(countOf(await callOften(server, 300), 200)).toBe(300);
  });

  it("holds for REST too", async () => {
    await using server = await openRated({ maxCallsPerSecond: 1 });
    const calls = Array.from({ length: 20 }, () => fetch(`${server.url}/v1/${RUNNING}`));
    expect((await Promise.all(calls)).map(({ status }) => status)).toContain(429);
  });

  it("lets callers through again after a second", async () => {
    await using server = await openRated({ maxCallsPerSecond: 5 });
    await callOften(server, 20);
    await until(async () => (await callHttp1(server.url)).status === 200);
    expect((await callHttp1(server.url)).status).toBeLessThan(500);
  });

  it("is that of each principal where it is limited for each", async () => {
    await using server = await openRated({ maxCallsPerSecondPerPrincipal: 5 });
    const ofMany = callOften(server, 100, { [CALLER]: "many" });
    const ofFew = callOften(server, 5, { [CALLER]: "few" });
    expect([countOf(await ofMany, 429) > 0, countOf(await ofFew, 200)]).toEqual([true, 5]);
  });

  it("of callers whom nobody knows is not limited for each", async () => {
    await using server = await openRated({ maxCallsPerSecondPerPrincipal: 1 });
    expect(countOf(await callOften(server, 50), 200)).toBe(50);
  });

  it("refuses a call before its body is read", async () => {
    await using server = await openRated({ maxCallsPerSecond: 1 });
    const received = Array.from({ length: 20 }, () => {
      const socket = server.connect();
      socket.write(rawRequest({ headers: [HOST, JSON_BODY], body: "", length: 1_000 }));
      return new Received(socket);
    });
    await until(() => received.some(({ text }) => statusesIn(text).includes(429)));
    expect(received.flatMap(({ text }) => statusesIn(text))).not.toContain(200);
  });

  it("asks a server's own gate who calls", async () => {
    let name: string | undefined;
    await using server = await openServer({
      maxCallsPerSecondPerPrincipal: 1,
      connect: {
        requestGate: ({ requestHeader }) => {
          name = requestHeader.get(CALLER) ?? undefined;
        },
      },
      create: { principalOf: () => name },
    });
    expect(await callOften(server, 20, { [CALLER]: "a" })).toContain(429);
  });
});

describe("a health check", () => {
  it("is not counted", async () => {
    await using server = await openRated({ maxCallsPerSecond: 1 });
    const transport = createConnectTransport({ baseUrl: server.url, httpVersion: "1.1" });
    const { Health } = await import("../../gen/health/v1/health_pb.ts");
    const health = createClient(Health, transport);
    const checks = await Promise.all(Array.from({ length: 50 }, () => health.check({})));
    expect(checks.length).toBe(50);
  });
});
