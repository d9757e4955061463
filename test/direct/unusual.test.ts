import { once } from "node:events";
import { type ClientHttp2Session, constants } from "node:http2";
import type { ConnectRouter } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { EchoService } from "../rest/gen/echo/v1/echo_pb.ts";
import { answerOf, callHttp1, connectHttp2, sendHttp2 } from "../server/calls.ts";
import { openServer, RUNNING } from "../server/open-server.ts";
import { GET_OPERATION, Received, rawRequest, statusesIn, WAIT_OPERATION } from "../server/raw-http.ts";
import { settled, until } from "../until.ts";

const GET_THING = "/echo.v1.EchoService/GetThing";

/** A service whose answers have such a header. */
function saying(name: string, value: string) {
  return (router: ConnectRouter) =>
    router.service(EchoService, {
      getThing(_, { responseHeader }) {
        responseHeader.set(name, value);
        return {};
      },
    });
}

describe("a direct call", () => {
  it("whose body comes seconds after its headers is answered", async () => {
    const clock = new FakeClock();
    await using server = await openServer({ clock });
    const session = connectHttp2(server.url);
    const stream = sendHttp2(session, { ":path": GET_OPERATION });
    const answer = answerOf(stream);
    await pinged(session);
    for (let second = 0; second < 3; second++) clock.advance(1_000);
    stream.end(JSON.stringify({ name: "operations/running" }));
    expect((await answer).status).toBe(200);
    session.destroy();
  });

  it("whose body comes in two pieces is answered, however many do so at a time", async () => {
    await using server = await openServer({});
    const session = connectHttp2(server.url);
    const body = Buffer.from(JSON.stringify({ name: RUNNING }));
    const streams = Array.from({ length: 200 }, () => sendHttp2(session, { ":path": GET_OPERATION }));
    const answers = Promise.all(streams.map(answerOf));
    for (const stream of streams) stream.write(body.subarray(0, 9));
    await pinged(session);
    // Some leave meanwhile, and what was held of their bodies is for others.
    for (const stream of streams.splice(0, 100)) stream.end(body.subarray(9));
    await pinged(session);
    for (const stream of streams) {
      stream.write(body.subarray(9, 10));
      stream.end(body.subarray(10));
    }
    expect(new Set((await answers).map(({ status }) => status))).toEqual(new Set([200]));
    session.destroy();
  });

  it("that is given up while a gate takes its time is not handled", async () => {
    const asked = Promise.withResolvers<void>();
    const opened = Promise.withResolvers<void>();
    const handled: unknown[] = [];
    await using server = await openServer({
      connect: {
        requestGate: ({ requestHeader }) => {
          if (requestHeader.get("x-call") !== "given up") return;
          asked.resolve();
          return opened.promise;
        },
      },
      routes: (router) =>
        router.service(EchoService, {
          getThing(_, { requestHeader }) {
            handled.push(requestHeader.get("x-call"));
            return {};
          },
        }),
    });
    const session = connectHttp2(server.url);
    const given = sendHttp2(session, { ":path": GET_THING, "x-call": "given up" });
    given.end("{}");
    given.on("error", () => {});
    await asked.promise;
    given.close(constants.NGHTTP2_CANCEL);
    await pinged(session);
    opened.resolve();
    await settled();
    const next = sendHttp2(session, { ":path": GET_THING, "x-call": "answered" });
    next.end("{}");
    expect((await answerOf(next)).status).toBe(200);
    expect(handled).toEqual(["answered"]);
    session.destroy();
  });

  it("whose body comes in pieces is answered", async () => {
    await using server = await openServer();
    const session = connectHttp2(server.url);
    const stream = sendHttp2(session, { ":path": GET_OPERATION });
    const answer = answerOf(stream);
    for (const piece of ['{"na', 'me":"opera', 'tions/running"}']) {
      stream.write(piece);
      await pinged(session);
    }
    stream.end();
    expect((await answer).status).toBe(200);
    session.destroy();
  });

  it("whose small answer is not taken is given up in the end", async () => {
    const clock = new FakeClock();
    await using server = await openServer({ clock, transferTimeoutMs: 60_000 });
    const session = connectHttp2(server.url, { settings: { initialWindowSize: 0 } });
    const stream = sendHttp2(session, { ":path": GET_OPERATION });
    void answerOf(stream);
    stream.end(JSON.stringify({ name: "operations/running" }));
    await once(stream, "response");
    await until(() => {
      clock.advance(1_000);
      return stream.closed;
    });
    expect(stream.rstCode).toBe(8);
    session.destroy();
  });

  it("whose answer waits behind that of a call which waits is not given up for that", async () => {
    const clock = new FakeClock();
    await using server = await openServer({ clock, create: { clock }, transferTimeoutMs: 60_000 });
    const socket = server.connect();
    const received = new Received(socket);
    const body = JSON.stringify({ name: RUNNING, timeout: "120s" });
    socket.write(rawRequest({ target: WAIT_OPERATION, body }) + rawRequest());
    await until(() => server.operations.service.waiting === 1);
    await settled();
    for (let second = 0; second < 121; second++) {
      clock.advance(1_000);
      await settled();
    }
    const statuses = statusesIn(await received.until(/HTTP[\s\S]*?\}/, 2));
    socket.destroy();
    expect(statuses).toEqual([200, 200]);
  });

  it("whose answer has a header that HTTP/2 does not have is answered as Connect answers it", async () => {
    await using server = await openServer({ routes: saying("connection", "close") });
    const session = connectHttp2(server.url);
    const stream = sendHttp2(session, { ":path": GET_THING });
    stream.end("{}");
    expect((await answerOf(stream)).status).toBe(200);
    session.destroy();
  });

  it("whose answer has a header that Node does not take does not end the server", async () => {
    await using server = await openServer({ routes: saying("x-bell", "\u0007") });
    const refused = await callHttp1(server.url, {}, GET_THING);
    await refused.text();
    expect([refused.status, (await callHttp1(server.url)).status]).toEqual([500, 200]);
  });
});

/** Resolves when the server has read what was sent before. */
async function pinged(session: ClientHttp2Session): Promise<void> {
  await new Promise((resolve) => session.ping(resolve));
  await settled();
}
