import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { AbstractConnector } from "ioredis";
import { describe, expect, it } from "vitest";
import { BullMqEngine } from "../../src/engine/bullmq/bullmq-engine.ts";
import { runSource, type SourceProcess } from "../examples/source-process.ts";
import { until } from "../until.ts";
import { connectionTo, openBullMqFleet } from "./bullmq-fleet.ts";
import { Copy, type CopyRun, gate, HANDLER, responseOf } from "./fleet.ts";
import { startRedis } from "./redis-server.ts";

const copy = ({ input }: CopyRun) => ({ value: `copy of ${input.value}` });

/** Soon enough for a test that waits for it. */
const SOON = { workerOptions: { lockDuration: 2_000, stalledInterval: 1_000 }, answerMs: 1_000 };

/** How many connections an engine has that runs one handler. */
const CONNECTIONS = 3;

describe("while Redis is away", () => {
  it("a start is answered, and its work runs once Redis is back", { timeout: 30_000 }, async () => {
    await using redis = await startRedis();
    await using fleet = openBullMqFleet(redis, SOON);
    const worker = fleet.worker(copy);
    await fleet.ended((await worker.start(Copy, { value: "before" })).name);
    await redis.kill();
    const askedMs = performance.now();
    const { name } = await worker.start(Copy, { value: "meanwhile" });
    const answeredMs = performance.now() - askedMs;
    await redis.restart();
    expect([answeredMs < 500, responseOf(await fleet.ended(name))]).toEqual([true, "copy of meanwhile"]);
  });

  it("a server and a worker may begin, and their work runs once Redis is there", async () => {
    await using redis = await startRedis();
    await redis.kill();
    await using fleet = openBullMqFleet(redis, SOON);
    fleet.worker(copy);
    const { name } = await fleet.server().start(Copy, { value: "x" });
    await redis.restart();
    expect(responseOf(await fleet.ended(name))).toBe("copy of x");
  });

  it("an engine refuses to be told of work within its limit, whether Redis is gone or silent", async () => {
    await using redis = await startRedis();
    await using fleet = openBullMqFleet(redis, SOON);
    const engine = fleet.engineOf(fleet.server());
    const delivery = { name: "operations/x", handler: HANDLER, delayMs: 0 };
    await engine?.start([delivery]);
    const refusedIn = async () => {
      const askedMs = performance.now();
      await expect(engine?.start([delivery])).rejects.toThrow();
      await expect(engine?.cancel(delivery)).rejects.toThrow();
      return performance.now() - askedMs;
    };
    redis.freeze();
    const silentMs = await refusedIn();
    redis.thaw();
    await until(
      () =>
        engine?.start([delivery]).then(
          () => true,
          () => false,
        ) ?? false,
    );
    await redis.kill();
    const goneMs = await refusedIn();
    expect([silentMs < 3_000, goneMs < 3_000]).toEqual([true, true]);
  });

  it("an engine refuses to be told of work within its limit, where Redis was never there", async () => {
    await using redis = await startRedis();
    await redis.kill();
    await using fleet = openBullMqFleet(redis, SOON);
    const askedMs = performance.now();
    const told = fleet
      .engineOf(fleet.server())
      ?.start([{ name: "operations/x", handler: HANDLER, delayMs: 0 }]);
    await expect(told).rejects.toThrow("Redis is away: there was no connection within 1000 ms");
    expect(performance.now() - askedMs).toBeLessThan(3_000);
  });

  it("work that runs goes on and ends, and its job ends once Redis is back", async () => {
    // What was in its memory is on its disk.
    await using redis = await startRedis({ appendonly: "yes", appendfsync: "always" });
    await using fleet = openBullMqFleet(redis, SOON);
    const [begun, end] = [gate(), gate()];
    const worker = fleet.worker(async ({ input }) => {
      begun.resolve();
      await end.promise;
      return input;
    });
    const { name } = await worker.start(Copy, { value: "x" });
    await begun.promise;
    await redis.kill();
    end.resolve();
    const { done } = await fleet.ended(name);
    await redis.restart();
    expect([done, (await fleet.jobOf(name, "completed")).name]).toEqual([true, name]);
  });

  it("the log says so once", async () => {
    await using redis = await startRedis();
    await using fleet = openBullMqFleet(redis, SOON);
    const worker = fleet.worker(copy);
    await fleet.ended((await worker.start(Copy, { value: "x" })).name);
    await redis.kill();
    await pause(2_000);
    expect(fleet.logged.map(({ message }) => message)).toEqual([
      "Redis is away: work that waits is begun once it is back",
    ]);
  });

  it("a worker that stops gives its work back, and another goes on with it once Redis is back", async () => {
    await using redis = await startRedis();
    await using fleet = openBullMqFleet(redis, SOON);
    const begun = gate();
    const stopping = fleet.worker(async ({ signal }) => {
      begun.resolve();
      await once(signal, "abort");
      throw signal.reason;
    });
    const { name } = await stopping.start(Copy, { value: "x" });
    await begun.promise;
    await redis.kill();
    await stopping.close();
    await fleet.engineOf(stopping)?.[Symbol.asyncDispose]();
    fleet.worker(({ attempt }) => ({ value: `attempt ${attempt}` }));
    await redis.restart();
    expect(responseOf(await fleet.ended(name))).toBe("attempt 1");
  });

  it("an engine that waits to connect again is disposed of soon, though Redis is back", {
    timeout: 20_000,
  }, async () => {
    await using redis = await startRedis();
    let waiting = 0;
    const retryStrategy = () => {
      waiting++;
      return 60_000;
    };
    const connection = { ...connectionTo(redis), retryStrategy };
    await using fleet = openBullMqFleet(redis, { ...SOON, connection });
    const worker = fleet.worker(copy);
    await fleet.ended((await worker.start(Copy, { value: "x" })).name);
    await redis.kill();
    await until(() => waiting === CONNECTIONS);
    await redis.restart();
    const closedMs = performance.now();
    await worker.close();
    await fleet.engineOf(worker)?.[Symbol.asyncDispose]();
    expect(performance.now() - closedMs).toBeLessThan(5_000);
  });

  it("an engine whose question was lost with a connection is disposed of soon", {
    timeout: 20_000,
  }, async () => {
    await using redis = await startRedis();
    await using fleet = openBullMqFleet(redis, SOON);
    const [begun, end] = [gate(), gate()];
    const worker = fleet.worker(async ({ input }) => {
      begun.resolve();
      await end.promise;
      return input;
    });
    const { name } = await worker.start(Copy, { value: "x" });
    await begun.promise;
    redis.freeze();
    end.resolve();
    await fleet.ended(name);
    await redis.kill();
    await using _ = await hangUp(redis.port, 2 * CONNECTIONS);
    const closedMs = performance.now();
    await worker.close();
    await fleet.engineOf(worker)?.[Symbol.asyncDispose]();
    expect(performance.now() - closedMs).toBeLessThan(5_000);
  });

  it("an engine whose connection never ends is disposed of", { timeout: 20_000 }, async () => {
    const engine = new BullMqEngine({ connection: { Connector: Endless }, answerMs: 200 });
    engine.open({ free: () => new Map(), claim: async () => 0, run: async () => ({ case: "over" }) });
    engine.take(HANDLER, 1);
    await expect(engine.start([{ name: "operations/x", handler: HANDLER, delayMs: 0 }])).rejects.toThrow();
    await expect(engine[Symbol.asyncDispose]()).resolves.toBeUndefined();
  });

  it("an engine that never found it is disposed of, and lets its process end", async () => {
    await using redis = await startRedis();
    await redis.kill();
    await using program = runSource("test/engines/dispose-process.ts", [redis.url]);
    expect(await endOf(program)).toEqual([0, true]);
  });

  for (const fault of ["kill", "freeze"] as const) {
    const what = fault === "kill" ? "that lost it" : "that hears nothing from it";
    it(`an engine ${what} is disposed of, and lets its process end`, async () => {
      await using redis = await startRedis();
      await using program = runSource("test/engines/dispose-process.ts", [redis.url, "live"]);
      await program.line(/^started/);
      await redis[fault]();
      await pause(300);
      program.process.kill("SIGUSR2");
      expect(await endOf(program)).toEqual([0, true]);
    });
  }
});

/** Makes connections that never come to be, and that nothing ends. */
class Endless extends AbstractConnector {
  constructor() {
    super(0);
  }

  override connect() {
    return new Promise<never>(() => {});
  }

  override disconnect() {}
}

/** The exit code of an engine's process, and whether it ended soon after the engine had: ioredis has a timer of 2 s. */
async function endOf(program: SourceProcess): Promise<[code: number | null, soon: boolean]> {
  await program.line(/^disposed/);
  const disposedMs = performance.now();
  return [await program.exit(), performance.now() - disposedMs < 15_000];
}

/** Listens where Redis was, and hangs up on whoever says something; resolves once that was so often enough. */
async function hangUp(port: number, often: number): Promise<AsyncDisposable> {
  const server = createServer((socket) => {
    socket.on("error", () => {}).once("data", () => socket.destroy());
  });
  server.listen(port, "127.0.0.1");
  let left = often;
  while (left-- > 0) await once(server, "connection");
  return server;
}
