import { once } from "node:events";
import { type ClientHttp2Session, connect } from "node:http2";
import { Code, ConnectError, type ConnectRouter, type HandlerContext } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { SimulatorService } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import { type OpenServerOptions, openServer } from "./open-server.ts";
import { SIMULATE_WORK } from "./raw-http.ts";

type Throwing = (context: HandlerContext) => never;

/** What a call comes to whose handler throws, directly or through Connect's own handlers. */
async function answerTo(thrown: Throwing, direct: boolean, options: OpenServerOptions = {}) {
  const simulateWork = (_: unknown, context: HandlerContext) => thrown(context);
  const routes = (router: ConnectRouter) => void router.service(SimulatorService, { simulateWork });
  await using server = await openServer({ ...options, direct, routes });
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${server.url}${SIMULATE_WORK}`, { method: "POST", headers, body: "{}" });
  const { date: _, ...said } = Object.fromEntries(answer.headers);
  return { status: answer.status, said, body: await answer.text() };
}

function throwing(error: unknown): Throwing {
  return () => {
    throw error;
  };
}

function notFound(): ConnectError {
  return new ConnectError("there is none", Code.NotFound);
}

const LOOKS_LIKE_ONE = { name: "ConnectError", code: 5, metadata: {}, details: [], rawMessage: "", cause: 0 };

describe("an error that is none in some part of it", () => {
  it.each<[string, unknown]>([
    ["has crossed to another thread and back", Object.assign(new Error("x"), LOOKS_LIKE_ONE)],
    ["has no metadata", Object.assign(notFound(), { metadata: null })],
    ["has a code in words", Object.assign(notFound(), { code: "not_found" })],
    ["has a detail that is none", Object.assign(notFound(), { details: [null] })],
    [
      "does not let itself be looked at",
      Object.defineProperty(notFound(), "metadata", { get: throwing(new Error("no")) as () => never }),
    ],
  ])("is answered as Connect answers it where it %s", async (_, error) => {
    const options = { create: { errorDomain: "other.test" } };
    const viaConnect = await answerTo(throwing(error), false, options);
    expect(await answerTo(throwing(error), true, options)).toEqual(viaConnect);
  });
});

describe("an error behind headers that its handler has set", () => {
  it.each([
    ["content-encoding", "identity"],
    ["content-encoding", "br"],
    ["content-type", "text/plain"],
    ["connection", "close"],
  ])("is answered as Connect answers it where %s is %s", async (name, value) => {
    const thrown: Throwing = ({ responseHeader }) => {
      responseHeader.set(name, value);
      throw notFound();
    };
    // Who says that an answer is compressed and sends it as it is has a client that cannot read it.
    const answers = [false, true].map((direct) => answerTo(thrown, direct).catch(String));
    const [viaConnect, directly] = await Promise.all(answers);
    expect(directly).toEqual(viaConnect);
  });

  it("is answered as Connect answers it where its own metadata speaks of the connection", async () => {
    const error = new ConnectError("there is none", Code.NotFound, { connection: "close" });
    expect(await answerTo(throwing(error), true)).toEqual(await answerTo(throwing(error), false));
  });
});

/** The status of a call by HTTP/2 that its server gives to node:http2. */
async function statusOf(session: ClientHttp2Session, contentType: string): Promise<unknown> {
  const call = session.request({ ":method": "POST", ":path": SIMULATE_WORK, "content-type": contentType });
  call.on("error", () => {});
  call.end(contentType === "application/grpc" ? Buffer.alloc(5) : "{}");
  const [headers] = await once(call, "response");
  call.resume();
  await once(call, "close");
  return headers[":status"];
}

it("an error too large for HTTP/2 leaves no call without an answer: its client is told to connect anew", async () => {
  let message = "x".repeat(70_000);
  const simulateWork = () => {
    throw new ConnectError(message, Code.NotFound);
  };
  const routes = (router: ConnectRouter) => void router.service(SimulatorService, { simulateWork });
  await using server = await openServer({ routes });
  const first = connect(server.url);
  first.on("error", () => {});
  const told = once(first, "goaway");
  await statusOf(first, "application/grpc").catch(() => undefined);
  await told;
  message = "small";
  const second = connect(server.url);
  // A charset in another form is Connect's to read.
  const status = await statusOf(second, "application/json;charset=utf-8");
  first.destroy();
  second.destroy();
  expect(status).toBe(404);
});
