import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SimulatorService } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import { checkConformance, type StartFunction } from "../../src/testing/index.ts";
import { type OpenServer, openServer } from "../server/open-server.ts";
import { inTurns } from "./in-turns.ts";
import { type Exchange, openRestProxy, type RestFault } from "./rest-proxy.ts";

/** Changes the error in an answer. */
const errorOtherwise = (
  change: (error: Record<string, unknown>, exchange: Exchange) => unknown,
): RestFault => ({
  answer(exchange) {
    if (exchange.status < 400) return;
    exchange.answer = JSON.stringify(change(JSON.parse(exchange.answer).error, exchange));
  },
});

const faults: Readonly<Record<string, readonly [fault: RestFault, ...found: string[]]>> = {
  "nothing at all": [{}],
  "an HTTP status of another code": [
    errorOtherwise((error, exchange) => {
      if (exchange.status === 404) exchange.status = 410;
      return { error: { ...error, code: exchange.status } };
    }),
    "rest/error-has-its-status",
  ],
  "errors without the name of their code": [
    errorOtherwise(({ status: _, ...error }) => ({ error })),
    "rest/error-body",
  ],
  "Connect's errors": [
    errorOtherwise(({ status, message }) => ({ code: String(status).toLowerCase(), message })),
    ...["rest/error-body", "error/has-one-error-info", "error/names-the-wrong-field"],
  ],
  "answers that are called text": [
    {
      answer(exchange) {
        exchange.contentType = "text/plain";
      },
    },
    "rest/answers-are-json",
  ],
  "metadata without a type, where the work is done": [
    {
      answer(exchange) {
        if (!/^\/v1\/operations\/\w+$/.test(exchange.target) || exchange.status !== 200) return;
        const { metadata, ...operation } = JSON.parse(exchange.answer);
        if (metadata === undefined) return;
        delete metadata["@type"];
        exchange.answer = JSON.stringify({ ...operation, metadata });
      },
    },
    ...["wait/answers-as-get-does", "list/agrees-with-get", "rest/operation-in-proto-json"],
  ],
  "empty bodies where there is nothing to say": [
    {
      answer(exchange) {
        if (exchange.answer === "{}" && exchange.method === "POST") exchange.answer = "";
      },
    },
    "rest/empty-answer-is-an-object",
  ],
  "no taste for empty bodies": [
    { isRefused: ({ method, body }) => method === "POST" && body === "" },
    "rest/body-may-be-empty",
  ],
  "no taste for a bare question mark": [
    { isRefused: ({ target }) => target.endsWith("?") },
    "rest/question-mark-may-be-bare",
  ],
  "no taste for system parameters": [
    { isRefused: ({ target }) => target.includes("$alt") },
    "rest/takes-system-parameters",
  ],
  "query parameters in camelCase alone": [
    { target: (target) => target.replace(/\?page_size=\d+/, "") },
    "rest/query-in-both-spellings",
  ],
  "names that are not decoded": [
    { target: (target) => target.replace(/%(?=[0-9A-F]{2}$)/, "%25") },
    "rest/path-is-decoded",
  ],
};

describe("a server of REST", () => {
  let server: OpenServer;
  let found: ReadonlyMap<string, Promise<readonly string[]>>;

  beforeAll(async () => {
    server = await openServer();
    const transport = createGrpcTransport({ baseUrl: server.url });
    const simulator = createClient(SimulatorService, transport);
    const start: StartFunction = (kind) =>
      simulator.simulateWork({
        duration: kind === "lasts" ? { seconds: 600n } : { nanos: 400_000_000 },
        steps: 2,
        ...(kind === "fails" && { error: { code: 9, message: "as it was told to" } }),
      });
    found = inTurns(Object.entries(faults), 4, ([, [fault]]) => failuresOf(server.url, fault, start));
  });

  afterAll(() => server[Symbol.asyncDispose]());

  it.each(Object.keys(faults))("is found out with %s", { timeout: 600_000 }, async (name) => {
    const [, ...expected] = faults[name] ?? [];
    expect(await found.get(name)).toEqual(expected);
  });
});

async function failuresOf(url: string, fault: RestFault, start: StartFunction): Promise<readonly string[]> {
  await using proxy = await openRestProxy(url, fault);
  const { results } = await checkConformance({ baseUrl: proxy.url, protocol: "rest", start });
  return results.filter(({ outcome }) => outcome === "failed").map(({ id }) => id);
}
