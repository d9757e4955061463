import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { describe, expect, it } from "vitest";
import { until } from "../until.ts";
import { connectionTo, openBullMqFleet } from "./bullmq-fleet.ts";
import { Copy, type CopyRun, HANDLER } from "./fleet.ts";
import { useRedis } from "./use-redis.ts";

const copy = ({ input }: CopyRun) => ({ value: `copy of ${input.value}` });

const redis = useRedis();

describe("a queue", () => {
  it("may have jobs of somebody else, which fail", async () => {
    await using fleet = openBullMqFleet(redis);
    const worker = fleet.worker(copy);
    const data = [undefined, null, 7, "text", [], {}, { name: 7 }, { name: "" }];
    await fleet.queue.addBulk(data.map((data, i) => ({ name: `garbage ${i}`, data })));
    const { name } = await worker.start(Copy, { value: "x" });
    await fleet.ended(name);
    await until(async () => (await fleet.queue.getJobCountByTypes("failed")) === data.length);
    const failed = await fleet.queue.getFailed();
    expect(new Set(failed.map(({ failedReason }) => failedReason))).toEqual(
      new Set(["the job names no operation"]),
    );
  });

  it("may have jobs of operations that are none, which are over", async () => {
    await using fleet = openBullMqFleet(redis);
    fleet.worker(copy);
    await fleet.queue.add("anything", { name: "no such operation", further: "data" });
    expect((await fleet.jobOf("anything", "completed")).returnvalue).toEqual({ case: "over" });
  });

  it("may have jobs that are not even JSON, and delivers the others", async () => {
    await using fleet = openBullMqFleet(redis);
    const broken = await fleet.queue.add("broken", {});
    const client = new Redis(redis.url);
    await client.hset(`${redis.prefix}:${HANDLER}:${broken.id}`, "data", "{not json");
    await client.quit();
    const { name } = await fleet.worker(copy).start(Copy, { value: "x" });
    expect((await fleet.ended(name)).done).toBe(true);
  });

  it("has any handler's name, also one that BullMQ would refuse", async () => {
    await using fleet = openBullMqFleet(redis);
    const server = fleet.server();
    await fleet.engineOf(server)?.start([{ name: "operations/x", handler: "print:A4/100%", delayMs: 0 }]);
    const queue = new Queue("print%3AA4/100%25", { connection: connectionTo(redis), prefix: redis.prefix });
    const waiting = await queue.getWaiting();
    await queue.close();
    expect(waiting.map(({ name }) => name)).toEqual(["operations/x"]);
  });

  it("keeps as many ended jobs as it is told to", async () => {
    await using fleet = openBullMqFleet(redis, { jobOptions: { removeOnComplete: { count: 2 } } });
    const worker = fleet.worker(copy);
    for (let i = 0; i < 5; i++) await fleet.ended((await worker.start(Copy, { value: "x" })).name);
    await until(async () => (await fleet.queue.getJobCountByTypes("active", "waiting")) === 0);
    expect(await fleet.queue.getJobCountByTypes("completed")).toBe(2);
  });
});
