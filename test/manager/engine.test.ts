import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { unpacked } from "../../src/operation/encoded-message.ts";
import { defineOperationType } from "../../src/operation/operation-type.ts";
import { settled } from "../until.ts";
import { errorOf, forever } from "./open-manager.ts";
import { type CopyRun, openShared, responseOf } from "./open-shared.ts";
import { ToldEngine } from "./told-engine.ts";

const HAND_OVER_MS = 10_000;

const Copy = defineOperationType({
  response: StringValueSchema,
  onServerLoss: { handler: "test.Copy", input: StringValueSchema, retry: { firstDelayMs: 1_000 } },
});

/** A server and a worker that share a store and, each with a client of its own, an engine that must be told. */
function openTold(handler: (run: CopyRun) => { value: string } | Promise<{ value: string }> = forever) {
  const shared = openShared();
  const [there, here] = [new ToldEngine(), new ToldEngine()];
  const server = shared.server({ engine: there, runsHandlers: false }).manager;
  const worker = shared.server({ engine: here });
  worker.manager.register(Copy, handler);
  const start = async (value = "x") => (await server.start(Copy, { value })).name;
  const pass = async (ms: number) => {
    shared.clock.advance(ms);
    await settled();
  };
  return { ...shared, there, here, newServer: shared.server, server, worker, start, pass };
}

describe("an engine that must be told", () => {
  it("is told of work, which is kept then", async () => {
    const { there, start, store } = openTold();
    const kept: unknown[] = [];
    there.start = async ([delivery]) => void kept.push(await store.get(delivery?.name ?? ""));
    await start();
    await settled();
    expect(kept).toMatchObject([{ owner: undefined, attempt: 0 }]);
  });

  it("is told once of work that comes twice with the same request", async () => {
    const { there, server } = openTold();
    const request = { id: "r" };
    await server.start(Copy, { value: "x" }, { request });
    await server.start(Copy, { value: "x" }, { request });
    await settled();
    expect(there.told.length).toBe(1);
  });

  it("brings work to where its handler is", async () => {
    const { ended, here, start } = openTold(({ input, attempt }) => ({ value: `${input.value} ${attempt}` }));
    const name = await start();
    await here.deliver(name);
    expect(await responseOf(ended(name))).toBe("x 1");
  });

  it("is asked for as much work as may run here", () => {
    const { newServer } = openTold();
    const engine = new ToldEngine();
    const { manager } = newServer({ engine, concurrency: 5 });
    manager.register(Copy, forever, { concurrency: 7 });
    expect(engine.taken).toEqual([["test.Copy", 5]]);
  });

  it("is asked for none where none may run", () => {
    const { newServer } = openTold();
    const engine = new ToldEngine();
    newServer({ engine, runsHandlers: false }).manager.register(Copy, forever);
    expect(engine.taken).toEqual([]);
  });

  it("keeps nobody waiting who starts work while it is away", async () => {
    const { there, start, now } = openTold();
    there.isAway = true;
    expect((await now(await start())).done).toBe(false);
  });

  it("is told again once it is back", async () => {
    const { there, here, start, pass } = openTold();
    there.isAway = true;
    const name = await start();
    await pass(HAND_OVER_MS);
    expect(here.told.map((delivery) => delivery.name)).toEqual([name]);
  });

  it("is told again of what it has lost, ever more seldom", async () => {
    const { there, here, start, pass } = openTold();
    await start();
    const times: number[] = [];
    for (let second = 0; second < 120; second++) {
      const before = here.told.length + there.told.length;
      await pass(1_000);
      if (here.told.length + there.told.length > before) times.push(second + 1);
    }
    const pauses = times.map((time, i) => time - (times[i - 1] ?? 0));
    expect([pauses.length > 2, pauses]).toEqual([true, pauses.toSorted((a, b) => a - b)]);
  });

  it("is told no more of work that has begun", async () => {
    const { there, here, start, pass } = openTold();
    void here.deliver(await start());
    await settled();
    const before = here.told.length + there.told.length;
    await pass(60_000);
    expect(here.told.length + there.told.length).toBe(before);
  });

  it("is told of work whose server died over it", async () => {
    const { newServer, here, worker, start, pass } = openTold();
    const name = await start();
    void here.deliver(name);
    await settled();
    await worker.die();
    const engine = new ToldEngine();
    newServer({ engine }).manager.register(Copy, forever);
    await pass(HAND_OVER_MS);
    expect(engine.told.map((delivery) => delivery.name)).toEqual([name]);
  });
});

describe("work that an engine delivers", () => {
  it("tells the engine how far it is", async () => {
    const told: unknown[] = [];
    const { here, start } = openTold(async ({ progress }) => {
      await progress({ message: "half" });
      return { value: "" };
    });
    await here.deliver(await start(), (metadata) => told.push(metadata));
    expect(told).toMatchObject([{ typeUrl: "type.googleapis.com/longrunning.v1.OperationMetadata" }]);
  });

  it("tells the engine what it answered", async () => {
    const { here, start } = openTold(() => ({ value: "done" }));
    const outcome = await here.deliver(await start());
    const value = outcome.case === "completed" && unpacked(StringValueSchema, outcome.response).value;
    expect(value).toBe("done");
  });

  it("tells the engine what it failed with", async () => {
    const { here, start } = openTold(() => {
      throw new ConnectError("no such file", Code.NotFound);
    });
    expect(await here.deliver(await start())).toMatchObject({
      case: "failed",
      error: { code: Code.NotFound, message: "no such file" },
    });
  });

  it("tells the engine when it is to be tried again", async () => {
    const { here, start } = openTold(() => {
      throw new ConnectError("busy", Code.Unavailable);
    });
    const outcome = await here.deliver(await start());
    const delayMs = outcome.case === "again" ? outcome.delayMs : 0;
    expect([outcome.case, delayMs >= 800 && delayMs <= 1_000]).toEqual(["again", true]);
  });

  it("is begun when the engine says so, and not when its delay in the store is over", async () => {
    const { ended, here, start } = openTold(({ attempt }) => {
      if (attempt === 1) throw new ConnectError("busy", Code.Unavailable);
      return { value: `attempt ${attempt}` };
    });
    const name = await start();
    await here.deliver(name);
    await here.deliver(name);
    expect(await responseOf(ended(name))).toBe("attempt 2");
  });

  it("is not begun a second time while it runs", async () => {
    const { here, start } = openTold();
    const name = await start();
    void here.deliver(name);
    await settled();
    expect(await here.deliver(name)).toEqual({ case: "elsewhere", delayMs: HAND_OVER_MS });
  });

  it("is over where it is done", async () => {
    const { here, start } = openTold(() => ({ value: "" }));
    const name = await start();
    await here.deliver(name);
    expect(await here.deliver(name)).toEqual({ case: "over" });
  });

  it("is over where its operation was deleted", async () => {
    const { here, start, store } = openTold();
    const name = await start();
    await store.delete(name);
    expect(await here.deliver(name)).toEqual({ case: "over" });
  });

  it("waits for a slot", async () => {
    const ends: (() => void)[] = [];
    const begun: string[] = [];
    const { newServer, start } = openTold();
    const engine = new ToldEngine();
    newServer({ engine, concurrency: 1 }).manager.register(Copy, async ({ input }) => {
      begun.push(input.value);
      await new Promise<void>((resolve) => ends.push(resolve));
      return { value: "" };
    });
    const delivered = [engine.deliver(await start("a")), engine.deliver(await start("b"))];
    await settled();
    const before = [...begun];
    ends[0]?.();
    await delivered[0];
    await settled();
    expect([before, begun]).toEqual([["a"], ["a", "b"]]);
  });

  it("is to be delivered again where its server stops", async () => {
    const { here, worker, start } = openTold(async ({ signal }) => {
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      return { value: "" };
    });
    const delivering = here.deliver(await start());
    await settled();
    await worker.manager.close();
    expect(await delivering).toEqual({ case: "again", delayMs: 0 });
  });

  it("is to be delivered again where it does not stop with its server", async () => {
    const { clock, here, worker, start } = openTold();
    const delivering = here.deliver(await start());
    await settled();
    const closing = worker.manager.close();
    await settled();
    clock.advance(10_000);
    await closing;
    expect(await delivering).toEqual({ case: "again", delayMs: 0 });
  });

  it("ends at once where it is cancelled before it is begun", async () => {
    const { ended, server, start } = openTold();
    const name = await start();
    await server.cancel(name);
    expect(errorOf(await ended(name))[0]).toBe(Code.Canceled);
  });

  it("goes before all other where it is cancelled while it waits to be tried again", async () => {
    const { here, there, server, start } = openTold(() => {
      throw new ConnectError("busy", Code.Unavailable);
    });
    const name = await start();
    await here.deliver(name);
    await server.cancel(name);
    expect(there.cancelled).toEqual([name]);
  });
});
