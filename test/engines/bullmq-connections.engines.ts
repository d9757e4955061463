import { setTimeout as pause } from "node:timers/promises";
import { Cluster, Redis } from "ioredis";
import { describe, expect, it } from "vitest";
import { BullMqEngine } from "../../src/engine/bullmq/bullmq-engine.ts";
import { until } from "../until.ts";
import { openBullMqFleet } from "./bullmq-fleet.ts";
import { Copy, type CopyRun, HANDLER } from "./fleet.ts";
import { startRedis } from "./redis-server.ts";
import { useRedis } from "./use-redis.ts";

const copy = ({ input }: CopyRun) => ({ value: `copy of ${input.value}` });

const redis = useRedis();

describe("a connection", () => {
  it("is made by a URL", async () => {
    await using fleet = openBullMqFleet(redis, { connection: redis.url });
    const { name } = await fleet.worker(copy).start(Copy, { value: "x" });
    expect((await fleet.ended(name)).done).toBe(true);
  });

  it("is made after one that is given, which stays open", async () => {
    const given = new Redis(redis.url);
    {
      await using fleet = openBullMqFleet(redis, { connection: given });
      const { name } = await fleet.worker(copy).start(Copy, { value: "x" });
      await fleet.ended(name);
    }
    expect([given.status, await given.ping(), await given.quit()]).toEqual(["ready", "PONG", "OK"]);
  });

  it("goes to a cluster, whose nodes want a job's keys on one of them", async () => {
    await using node = await startRedis({ "cluster-enabled": "yes", "cluster-announce-ip": "127.0.0.1" });
    const single = new Redis(node.url);
    await single.call("cluster", "addslotsrange", "0", "16383");
    await until(async () => String(await single.call("cluster", "info")).includes("cluster_state:ok"));
    await single.quit();
    const cluster = new Cluster([{ host: "127.0.0.1", port: node.port }]);
    await using fleet = openBullMqFleet(redis, { connection: cluster, prefix: undefined });
    const { name } = await fleet.worker(copy).start(Copy, { value: "x" });
    const { done } = await fleet.ended(name);
    await cluster.quit();
    expect([done, fleet.logged]).toEqual([true, []]);
  });

  it("leaves none behind when its engine is disposed of", async () => {
    await using node = await startRedis();
    const engine = new BullMqEngine({ connection: node.url });
    await engine.start([{ name: "operations/x", handler: HANDLER, delayMs: 0 }]);
    await engine[Symbol.asyncDispose]();
    const client = new Redis(node.url);
    await pause(50);
    const connections = String(await client.client("LIST"))
      .trim()
      .split("\n").length;
    await client.quit();
    expect(connections).toBe(1);
  });
});
