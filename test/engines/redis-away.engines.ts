import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { runSource, type SourceProcess } from "../examples/source-process.ts";
import { until } from "../until.ts";
import { openBullMqFleet } from "./bullmq-fleet.ts";
import { Copy, type CopyRun, gate, HANDLER, responseOf } from "./fleet.ts";
import { startRedis } from "./redis-server.ts";

const copy = ({ input }: CopyRun) => ({ value: `copy of ${input.value}` });

/** Soon enough for a test that waits for it. */
const SOON = { workerOptions: { lockDuration: 2_000, stalledInterval: 1_000 }, answerMs: 1_000 };

describe("while Redis is away", () => {
  // Seen to hang once in some ten runs, for a reason that is not known: see docs/engines.md.
  it("a start is answered, and its work runs once Redis is back", { timeout: 30_000, retry: 2 }, async () => {
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

/** The exit code of an engine's process, and whether it ended soon after the engine had. */
async function endOf(program: SourceProcess): Promise<[code: number | null, soon: boolean]> {
  await program.line(/^disposed/);
  const disposedMs = performance.now();
  return [await program.exit(), performance.now() - disposedMs < 3_000];
}
