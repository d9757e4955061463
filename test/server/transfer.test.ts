import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { HeldBytes } from "../../src/server/held-bytes.ts";
import { Transfer } from "../../src/server/transfer.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { systemClock } from "../../src/time/clock.ts";
import { keepMany } from "../service/stored.ts";
import { until } from "../until.ts";
import { answerOf, callHttp2, connectHttp2, sendHttp2 } from "./calls.ts";
import { openServer } from "./open-server.ts";
import { closed, rawRequest, SIMULATE_WORK, WAIT_OPERATION } from "./raw-http.ts";

const LIST_OPERATIONS = "/google.longrunning.Operations/ListOperations";

/** A server whose clock stands still, and lets transfers take a minute. */
async function openPatient() {
  const clock = new FakeClock();
  const server = await openServer({ clock, transferTimeoutMs: 60_000 });
  return {
    server,
    /** Lets time pass until something is so. */
    async passUntil(isSo: () => boolean) {
      await until(() => {
        clock.advance(1_000);
        return isSo();
      });
    },
    async [Symbol.asyncDispose]() {
      const closing = server[Symbol.asyncDispose]().then(() => true);
      while (!(await Promise.race([closing, nextTurn()]))) clock.advance(1_000);
    },
  };
}

function nextTurn(): Promise<false> {
  return new Promise((resolve) => setImmediate(resolve, false));
}

describe("a request that does not come to its end", () => {
  it("is given up over HTTP/2, and its connection goes on", async () => {
    await using patient = await openPatient();
    const session = connectHttp2(patient.server.url);
    const stream = sendHttp2(session, { ":path": SIMULATE_WORK });
    const answer = answerOf(stream);
    stream.write("{");
    await patient.passUntil(() => stream.closed);
    expect([(await answer).status, (await callHttp2(session)).status]).toEqual([undefined, 200]);
    session.destroy();
  });

  it("is given up over HTTP/1", async () => {
    await using patient = await openPatient();
    const socket = patient.server.connect();
    socket.write(rawRequest({ target: SIMULATE_WORK, body: "{", length: 100 }));
    await patient.passUntil(() => socket.destroyed);
    await closed(socket);
    expect(socket.bytesRead).toBe(0);
  });
});

/** How often a turn was waited for until a body of that size had come. */
async function turnsFor(bytes: number): Promise<number> {
  let turns = 0;
  const next = async () => void turns++;
  const limits = {
    ...{ timeoutMs: 60_000, messageBytes: 2 ** 22, held: new HeldBytes(2 ** 28), clock: systemClock },
    turns: { next },
  };
  const server = createServer(async (request, response) => {
    let received = 0;
    for await (const { length } of new Transfer(request, response, limits).received(false)) {
      received += length;
    }
    response.end(String(received));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${port}`, { method: "POST", body: Buffer.alloc(bytes) });
  expect(await answer.text()).toBe(String(bytes));
  server.closeAllConnections();
  server.close();
  return turns;
}

describe("the body of a request", () => {
  it("that is small waits for no turn", async () => {
    expect(await turnsFor(60_000)).toBe(0);
  });

  it("that is large waits for a turn for each of its further pieces", async () => {
    expect(await turnsFor(4_000_000)).toBeGreaterThan(10);
  });
});

describe("an answer that is not taken", () => {
  it("is given up over HTTP/2", async () => {
    await using patient = await openPatient();
    await keepMany(patient.server.store, 1_000);
    const session = connectHttp2(patient.server.url, { settings: { initialWindowSize: 0 } });
    const stream = sendHttp2(session, { ":path": LIST_OPERATIONS });
    const answer = answerOf(stream);
    stream.end(JSON.stringify({ pageSize: 1_000 }));
    await patient.passUntil(() => stream.closed);
    expect((await answer).text).toBe("");
    session.destroy();
  });
});

describe("a call that only takes long", () => {
  it("is not given up", async () => {
    await using patient = await openPatient();
    const session = connectHttp2(patient.server.url);
    const stream = sendHttp2(session, { ":path": WAIT_OPERATION });
    void answerOf(stream);
    stream.end(JSON.stringify({ name: "operations/running" }));
    let passed = 0;
    await patient.passUntil(() => ++passed > 500);
    expect([stream.closed, stream.rstCode]).toEqual([false, 0]);
    session.destroy();
  });
});
