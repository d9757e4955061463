import { setTimeout as pause } from "node:timers/promises";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { describe, expect, it } from "vitest";
import { BullMqEngine } from "../../src/engine/bullmq/bullmq-engine.ts";
import type { Engine, EngineHost, Outcome } from "../../src/engine/engine.ts";
import { until } from "../until.ts";
import { connectionTo } from "./bullmq-fleet.ts";
import { gate, HANDLER } from "./fleet.ts";
import { useRedis } from "./use-redis.ts";

const redis = useRedis();

/** An engine that delivers to a host of the test's own, and its queue as a board has it. */
function openEngine(run: (name: string) => Promise<Outcome>, concurrency = 1, answerMs = 5_000) {
  const logged: string[] = [];
  const logger = { error: (message: string) => void logged.push(message) };
  const [connection, prefix] = [connectionTo(redis), redis.prefix];
  const engine = new BullMqEngine({ connection, prefix, logger, answerMs });
  const slots = new Map([[HANDLER, concurrency]]);
  const host: EngineHost = { free: () => slots, claim: async () => 0, run: ({ name }) => run(name) };
  engine.open(host);
  engine.take(HANDLER, concurrency);
  const queue = new Queue(HANDLER, { connection, prefix });
  return {
    engine,
    queue,
    logged,
    /** Says how much more work may begin. */
    slots: (free: number) => void (free > 0 ? slots.set(HANDLER, free) : slots.delete(HANDLER)),
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]();
      await queue.close();
    },
  };
}

const OVER: Outcome = { case: "over" };

describe("BullMqEngine", () => {
  it("delivers again what a host could not begin, and says why once", async () => {
    let refusals = 0;
    await using own = openEngine(async () => {
      if (refusals++ < 3) throw new Error("the store is away");
      return OVER;
    });
    await deliver(own.engine, "operations/x");
    await until(async () => (await own.queue.getJobCountByTypes("completed")) === 1);
    expect(own.logged).toEqual([
      `work of "${HANDLER}" that was delivered could not be begun, and will be again`,
    ]);
  });

  it("holds back what another process runs", async () => {
    await using own = openEngine(async () => ({ case: "elsewhere", delayMs: 60_000 }));
    await deliver(own.engine, "operations/x");
    await until(async () => (await own.queue.getDelayedCount()) === 1);
    const [job] = await own.queue.getDelayed();
    expect(job?.delay).toBeGreaterThan(59_000);
  });

  it("leaves work to others while its host has no slot, and goes on as soon as it has", async () => {
    const run: string[] = [];
    await using own = openEngine(async (name) => {
      run.push(name);
      return OVER;
    });
    own.slots(0);
    await deliver(own.engine, "operations/x");
    // Taken, and given back.
    await until(async () => (await eventsOf(own.queue)).includes("active"));
    await until(async () => (await own.queue.getWaitingCount()) === 1);
    // Nor does it take it again and again meanwhile.
    await pause(300);
    const [before, events] = [[...run], await eventsOf(own.queue)];
    own.slots(1);
    own.engine.freed();
    await until(() => run.length > 0);
    const taken = events.filter((event) => event === "active").length;
    expect([before, taken < 5, run]).toEqual([[], true, ["operations/x"]]);
  });

  it("hands nothing over once it has stopped, and leaves what comes then to others", async () => {
    const run: string[] = [];
    await using own = openEngine(async (name) => {
      run.push(name);
      return OVER;
    }, 5);
    const delivering = deliver(own.engine, ...Array.from({ length: 200 }, (_, i) => `operations/${i}`));
    await until(() => run.length > 20);
    await own.engine.stop();
    const atStop = run.length;
    await delivering;
    await own.engine[Symbol.asyncDispose]();
    const counts = await own.queue.getJobCounts("waiting", "active", "completed");
    expect([run.length, counts]).toEqual([atStop, { waiting: 200 - atStop, active: 0, completed: atStop }]);
  });

  it("waits when it is disposed of until all has ended that it has delivered", async () => {
    const [begun, end] = [gate(), gate()];
    await using own = openEngine(
      async () => {
        begun.resolve();
        await end.promise;
        return OVER;
      },
      1,
      200,
    );
    await deliver(own.engine, "operations/x");
    await begun.promise;
    const disposed = own.engine[Symbol.asyncDispose]().then(() => "disposed");
    const first = await Promise.race([disposed, pause(500, "still there")]);
    end.resolve();
    await disposed;
    expect([first, await own.queue.getJobCountByTypes("completed")]).toEqual(["still there", 1]);
  });

  it("begins work that is delivered where it was given back, without waiting for what runs", async () => {
    const end = gate();
    const begun: string[] = [];
    await using own = openEngine(async (name) => {
      begun.push(name);
      if (name === "operations/long") await end.promise;
      return OVER;
    }, 3);
    await deliver(own.engine, "operations/long");
    await until(() => begun.length === 1);
    own.slots(0);
    await deliver(own.engine, "operations/a", "operations/b");
    await until(async () => (await eventsOf(own.queue)).filter((event) => event === "waiting").length > 3);
    own.slots(2);
    own.engine.freed();
    await until(() => begun.length === 3);
    end.resolve();
    expect(begun.toSorted()).toEqual(["operations/a", "operations/b", "operations/long"]);
  });

  it("refuses handlers before it has a host", async () => {
    const engine = new BullMqEngine({ connection: redis.url });
    expect(() => engine.take(HANDLER, 1)).toThrow(TypeError);
    await engine[Symbol.asyncDispose]();
  });
});

async function deliver(engine: Engine, ...names: string[]): Promise<void> {
  await engine.start(names.map((name) => ({ name, handler: HANDLER, delayMs: 0 })));
}

/** What has happened in a queue, in its order. */
async function eventsOf(queue: Queue): Promise<string[]> {
  const client = new Redis(connectionTo(redis));
  const events = await client.xrange(`${queue.opts.prefix}:${queue.name}:events`, "-", "+");
  await client.quit();
  return events.map(([, [, event]]) => event ?? "");
}
