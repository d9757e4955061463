import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type OpenService, openService } from "../service/open-service.ts";
import { grpc } from "../service/protocols.ts";
import { finish, keepRunning, say } from "../service/stored.ts";
import { until } from "../until.ts";

describe("a watch by REST", () => {
  let service: OpenService;

  beforeEach(async () => {
    service = await openService(grpc, { serve: { cors: { allowedOrigins: ["https://page.example"] } } });
  });
  afterEach(() => service[Symbol.asyncDispose]());

  const url = (path: string) => `${service.server.url}/v1/${path}`;

  it("is of server-sent events", async () => {
    const name = await keepRunning(service.store);
    const response = await fetch(url(`operations:watch?names=${name}`), {
      headers: { accept: "text/event-stream" },
    });
    const text = response.text();
    await finish(service.store, name);
    const events = (await text).split("\n\n").filter((event) => event !== "");
    expect([response.headers.get("content-type"), events.at(0), events.at(-1)]).toEqual([
      "text/event-stream",
      `data: {"operation":{"name":"${name}"}}`,
      'data: {"end":{"reason":"REASON_ALL_DONE"}}',
    ]);
  });

  it("is not held back by a proxy", async () => {
    const name = await keepRunning(service.store);
    await finish(service.store, name);
    const { headers } = await fetch(url(`operations:watch?names=${name}&$alt=sse`));
    expect([headers.get("x-accel-buffering"), headers.get("cache-control")]).toEqual(["no", "no-store"]);
  });

  it("is of the operations of a parent, as its path says", async () => {
    const name = await keepRunning(service.store, { parent: "projects/a" });
    await finish(service.store, name);
    const lines = await linesOf(url("projects/a/operations:watch?filter=done=true"));
    expect(JSON.parse(await lines.next())).toMatchObject({ operation: { name, done: true } });
    lines.leave();
  });

  it("takes many names in its body", async () => {
    const names = [await keepRunning(service.store), await keepRunning(service.store)];
    for (const name of names) await finish(service.store, name);
    const response = await fetch(url("operations:watch"), {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/x-ndjson" },
      body: JSON.stringify({ names }),
    });
    expect((await response.text()).trim().split("\n")).toHaveLength(4);
  });

  it("is for pages of the origins that may call", async () => {
    const name = await keepRunning(service.store);
    await finish(service.store, name);
    const origin = "https://page.example";
    const { headers } = await fetch(url(`operations:watch?names=${name}`), { headers: { origin } });
    expect(headers.get("access-control-allow-origin")).toBe(origin);
  });

  it("is refused with a status where GetOperation would be", async () => {
    const response = await fetch(url(`operations:watch?names=operations/${"0".repeat(32)}`));
    expect([response.status, await response.json()]).toMatchObject([404, { error: { status: "NOT_FOUND" } }]);
  });

  it("leaves nothing behind when its client leaves", async () => {
    const { changes } = service.store;
    const lines = await linesOf(url("operations:watch"));
    await lines.next();
    const before = changes.listenerCount("change");
    lines.leave();
    await until(() => changes.listenerCount("change") === 0);
    expect(before).toBe(1);
  });

  it("is described by OpenAPI", async () => {
    const document = await (await fetch(`${service.server.url}/openapi.json`)).json();
    expect(Object.keys(document.paths)).toContain("/v1/operations:watch");
  });
});

describe("a client of a watch that does not read", () => {
  it("leaves nothing behind when it goes", async () => {
    await using service = await openService(grpc);
    const { store } = service;
    const name = await keepRunning(store);
    const lines = await linesOf(`${service.server.url}/v1/operations:watch`);
    await lines.next();
    lines.pause();
    // More than any socket holds: the server has an event that it cannot send.
    for (let i = 0; i < 1_000; i++) {
      await say(store, name, "x".repeat(PAYLOAD_BYTES));
      await nextTurn();
    }
    const before = service.operations.watch?.watching;
    lines.leave();
    await until(() => service.operations.watch?.watching === 0);
    expect([before, store.changes.listenerCount("change")]).toEqual([1, 0]);
  });

  const STEPS = 4_000;
  const PAYLOAD_BYTES = 20_000;

  it("gets the latest state when it reads on, and not what was in between", async () => {
    await using service = await openService(grpc);
    const { store } = service;
    const name = await keepRunning(store);
    const lines = await linesOf(`${service.server.url}/v1/operations:watch`);
    const bytesBefore = lines.bytes;
    lines.pause();
    for (let i = 1; i <= STEPS; i++) {
      await say(store, name, "x".repeat(PAYLOAD_BYTES));
      // The server is to have every chance to write.
      await nextTurn();
    }
    await say(store, name, "the last word");
    lines.resume();
    while (!(await lines.next()).includes("the last word"));
    lines.leave();
    expect(lines.bytes - bytesBefore).toBeLessThan((STEPS * PAYLOAD_BYTES) / 4);
  });
});

interface Lines {
  readonly bytes: number;
  next(): Promise<string>;
  pause(): void;
  resume(): void;
  leave(): void;
}

/** Reads JSON line by line. */
async function linesOf(url: string): Promise<Lines> {
  const request = get(url, { headers: { accept: "application/x-ndjson" } });
  const [response]: IncomingMessage[] = await once(request, "response");
  if (response === undefined) throw new TypeError("there is no response");
  response.setEncoding("utf8");
  let text = "";
  let bytes = 0;
  response.on("data", (chunk: string) => {
    text += chunk;
    bytes += chunk.length;
  });
  response.on("error", () => {});
  request.on("error", () => {});
  return {
    get bytes() {
      return bytes;
    },
    async next() {
      await until(() => text.includes("\n"));
      const end = text.indexOf("\n");
      const line = text.slice(0, end);
      text = text.slice(end + 1);
      return line;
    },
    pause: () => response.pause(),
    resume: () => response.resume(),
    leave: () => response.destroy(),
  };
}
