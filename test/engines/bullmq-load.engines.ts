import { describe, expect, it } from "vitest";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import type { OperationStore } from "../../src/store/operation-store.ts";
import { PostgresStore } from "../../src/store/postgres/postgres-store.ts";
import { openEmptyDatabase } from "../postgres/postgres-server.ts";
import { openBullMqFleet } from "./bullmq-fleet.ts";
import { Copy, type CopyRun, type Fleet, gate, openFleet } from "./fleet.ts";
import { openRedis } from "./redis-server.ts";

const STARTS = 1_000;

describe("a thousand starts", () => {
  it("run once each, by BullMQ and in memory", async () => {
    await using redis = await openRedis();
    await using fleet = openBullMqFleet(redis, { store: new MemoryStore() });
    expect(await runAll(fleet, "BullMQ, in memory")).toEqual([STARTS, 1]);
  });

  it("run once each, by BullMQ and on PostgreSQL", async () => {
    await using redis = await openRedis();
    await using database = await openEmptyDatabase();
    const store: OperationStore = await PostgresStore.open(database.url);
    await using fleet = openBullMqFleet(redis, { store });
    expect(await runAll(fleet, "BullMQ, on PostgreSQL")).toEqual([STARTS, 1]);
  });

  it("run once each, by claims and on PostgreSQL", async () => {
    await using database = await openEmptyDatabase();
    await using fleet = openFleet(() => undefined, await PostgresStore.open(database.url));
    expect(await runAll(fleet, "claims, on PostgreSQL")).toEqual([STARTS, 1]);
  });
});

/** Starts them at a server, for two workers. Answers how many ran, and how often at most. */
async function runAll(fleet: Fleet, what: string): Promise<[ran: number, most: number]> {
  const runs = new Map<string, number>();
  const allBegun = gate();
  const work = ({ name, input }: CopyRun) => {
    runs.set(name, (runs.get(name) ?? 0) + 1);
    if (runs.size === STARTS) allBegun.resolve();
    return input;
  };
  fleet.worker(work);
  fleet.worker(work);
  const server = fleet.server();
  // Everything is connected.
  await fleet.ended((await server.start(Copy, { value: "first" })).name);
  runs.clear();
  const startedMs = performance.now();
  const started = await Promise.all(
    Array.from({ length: STARTS }, (_, i) => server.start(Copy, { value: String(i) })),
  );
  const keptMs = performance.now();
  // Nobody looks meanwhile, for that takes time too.
  await allBegun.promise;
  for (const { name } of started) await fleet.ended(name);
  const endedMs = performance.now();
  const perSecond = (ms: number) => Math.round((STARTS * 1_000) / ms).toLocaleString("en");
  console.log(
    `${what}: ${perSecond(keptMs - startedMs)} starts a second, all ended ${Math.round(endedMs - startedMs)} ms`,
    `after the first (${perSecond(endedMs - startedMs)} a second)`,
  );
  return [runs.size, Math.max(...runs.values())];
}
