import { setTimeout as pause } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import { Redis } from "ioredis";
import { describe, expect, it } from "vitest";
import { PostgresStore } from "../../src/store/postgres/postgres-store.ts";
import { runSource } from "../examples/source-process.ts";
import { openEmptyDatabase } from "../postgres/postgres-server.ts";
import { until } from "../until.ts";
import { openBullMqFleet } from "./bullmq-fleet.ts";
import { Copy, type CopyRun, gate, HANDLER, responseOf } from "./fleet.ts";
import { type RedisServer, startRedis } from "./redis-server.ts";

const copy = ({ input }: CopyRun) => ({ value: `copy of ${input.value}` });

/** Soon enough for a test that waits for it. */
const SOON = { workerOptions: { lockDuration: 2_000, stalledInterval: 1_000 }, answerMs: 1_000 };

describe("where Redis loses all", () => {
  it("work that waits runs nevertheless", async () => {
    await using redis = await startRedis();
    await using fleet = openBullMqFleet(redis, SOON);
    const server = fleet.server();
    const started = await Promise.all(
      Array.from({ length: 20 }, (_, i) => server.start(Copy, { value: String(i) })),
    );
    await until(async () => (await fleet.queue.getWaitingCount()) === 20);
    await flush(redis);
    fleet.worker(copy);
    const ended = await Promise.all(started.map(({ name }) => fleet.ended(name)));
    expect(ended.map(responseOf)).toEqual(Array.from({ length: 20 }, (_, i) => `copy of ${i}`));
  });

  it("work that runs ends, and is not begun again", async () => {
    await using redis = await startRedis();
    await using fleet = openBullMqFleet(redis, SOON);
    const [begun, end] = [gate(), gate()];
    const attempts: number[] = [];
    const worker = fleet.worker(async ({ attempt }) => {
      attempts.push(attempt);
      begun.resolve();
      await end.promise;
      return { value: "done" };
    });
    const { name } = await worker.start(Copy, { value: "x" });
    await begun.promise;
    await flush(redis);
    // Longer than its lock would last, so that it is missed.
    await pause(3_000);
    end.resolve();
    const response = responseOf(await fleet.ended(name));
    const { name: next } = await worker.start(Copy, { value: "y" });
    expect([response, responseOf(await fleet.ended(next)), attempts]).toEqual(["done", "done", [1, 1]]);
  });

  it("work that fails then is tried again as soon as it would be", async () => {
    await using redis = await startRedis();
    await using fleet = openBullMqFleet(redis, SOON);
    const [begun, end] = [gate(), gate()];
    const worker = fleet.worker(async ({ attempt }) => {
      begun.resolve();
      await end.promise;
      if (attempt === 1) throw new ConnectError("the printer is busy", Code.Unavailable);
      return { value: `attempt ${attempt}` };
    });
    const { name } = await worker.start(Copy, { value: "x" });
    await begun.promise;
    await flush(redis);
    end.resolve();
    const failedMs = performance.now();
    const response = responseOf(await fleet.ended(name));
    expect([response, performance.now() - failedMs < 3_000]).toEqual(["attempt 2", true]);
  });
});

describe("when Redis is killed under load", () => {
  for (const [what, settings] of [
    ["forgets all", {}],
    ["has written all", { appendonly: "yes", appendfsync: "always" }],
  ] as const) {
    it(`and ${what}, all work ends, and none is done twice`, { timeout: 180_000 }, async () => {
      await using redis = await startRedis(settings);
      await using fleet = openBullMqFleet(redis, SOON);
      const runs = new Map<string, number>();
      const work = async ({ name, input }: CopyRun) => {
        runs.set(name, (runs.get(name) ?? 0) + 1);
        await pause(20);
        return input;
      };
      for (let i = 0; i < 2; i++) fleet.worker(work, { concurrency: 10 });
      const server = fleet.server();
      const names: string[] = [];
      for (let i = 0; i < 600; i++) {
        names.push((await server.start(Copy, { value: String(i) })).name);
        if (i % 200 === 150) {
          await until(() => runs.size > names.length / 2);
          await redis.kill();
          await redis.restart();
        }
      }
      for (const name of names) await fleet.ended(name);
      expect([runs.size, Math.max(...runs.values())]).toEqual([600, 1]);
    });
  }
});

describe("when a worker's process is killed", () => {
  it("its work goes on at another, in the next attempt", async () => {
    await using redis = await startRedis();
    await using database = await openEmptyDatabase();
    await using fleet = openBullMqFleet(redis, { ...SOON, store: await PostgresStore.open(database.url) });
    await using doomed = runSource("test/engines/worker-process.ts", [database.url, redis.url, redis.prefix]);
    const { name } = await fleet.server().start(Copy, { value: "x" });
    await doomed.line(new RegExp(`^begun ${name} 1`));
    doomed.process.kill("SIGKILL");
    fleet.worker(({ attempt }) => ({ value: `attempt ${attempt}` }));
    const killedMs = performance.now();
    const response = responseOf(await fleet.ended(name));
    console.log(
      `a worker's work went on ${((performance.now() - killedMs) / 1_000).toFixed(1)} s after its kill`,
    );
    expect(response).toBe("attempt 2");
  });

  it("and its job is found to have stalled as often as it takes", async () => {
    await using redis = await startRedis();
    await using fleet = openBullMqFleet(redis, SOON);
    const job = await fleet.queue.add("operations/x", { name: "operations/x" });
    const client = new Redis(redis.url);
    await client.hset(`${redis.prefix}:${HANDLER}:${job.id}`, "stc", 1_000);
    await client.lrem(`${redis.prefix}:${HANDLER}:wait`, 0, job.id ?? "");
    await client.lpush(`${redis.prefix}:${HANDLER}:active`, job.id ?? "");
    await client.quit();
    fleet.worker(copy);
    expect((await fleet.jobOf("operations/x", "completed")).returnvalue).toEqual({ case: "over" });
  });
});

async function flush({ url }: RedisServer): Promise<void> {
  const client = new Redis(url);
  await client.flushall();
  await client.quit();
}
