import { randomUUID } from "node:crypto";
import { Client } from "pg";
import { describe, expect, it } from "vitest";
import { silentNotifier } from "../../../src/store/postgres/notifier.ts";
import type { PostgresStore, PostgresStoreOptions } from "../../../src/store/postgres/postgres-store.ts";
import { watch } from "../../../src/store/watch.ts";
import {
  anyOf,
  ended,
  keep,
  NOON_MS,
  progressed,
  running,
} from "../../../src/testing/store-contract/sample-operations.ts";
import { systemClock } from "../../../src/time/clock.ts";
import { until } from "../../until.ts";
import { usePostgres } from "./open-postgres-store.ts";

const postgres = usePostgres();

/** Two stores of one schema, as two servers have them. */
async function openTwo(options: PostgresStoreOptions = {}) {
  const schema = randomUUID();
  return [await postgres.open({ schema, ...options }), await postgres.open({ schema, ...options })] as const;
}

/** Follows an operation at a store until it is done. Answers how long after `ended` was called that was noticed. */
async function waitingFor(store: PostgresStore, name: string) {
  const watched = watch(store, name, systemClock);
  const revisions: number[] = [];
  const done = (async () => {
    for await (const stored of watched) {
      revisions.push(stored.revision);
      if (stored.message.done) return performance.now();
    }
    return performance.now();
  })();
  await until(() => revisions.length > 0);
  return { done, revisions };
}

async function terminate(url: string, where: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'longrunning' and datname = current_database() and (${where})`,
  );
  await client.end();
}

describe("a change at one server", () => {
  it("tells the others at once of work that waits", async () => {
    const [here, there] = await openTwo();
    const heard = Promise.withResolvers<string>();
    there.changes.on("waiting", heard.resolve);
    const work = { handler: "w", input: anyOf("type.example.com/example.Input", [1]) };
    await keep(here, running("a", { work }));
    expect(await heard.promise).toBe("w");
    await here[Symbol.asyncDispose]();
    await there[Symbol.asyncDispose]();
  });

  it("wakes who waits at another at once", async () => {
    const [here, there] = await openTwo();
    await keep(here, running("a"));
    const { done } = await waitingFor(there, "operations/a");
    const startedAt = performance.now();
    await here.replace(ended(running("a"), NOON_MS));
    expect((await done) - startedAt).toBeLessThan(900);
    await here[Symbol.asyncDispose]();
    await there[Symbol.asyncDispose]();
  });

  it("wakes who waits at another though nobody tells it", async () => {
    const [here, there] = await openTwo({ notifier: silentNotifier });
    await keep(here, running("a"));
    const { done } = await waitingFor(there, "operations/a");
    await here.replace(ended(running("a"), NOON_MS));
    await done;
    await here[Symbol.asyncDispose]();
    await there[Symbol.asyncDispose]();
  });

  it("wakes who waits for one that goes away", async () => {
    const [here, there] = await openTwo({ notifier: silentNotifier });
    await keep(here, running("a"));
    const { done } = await waitingFor(there, "operations/a");
    await here.delete("operations/a");
    await done;
    await here[Symbol.asyncDispose]();
    await there[Symbol.asyncDispose]();
  });

  it("is heard again once the connection that listens was lost", async () => {
    const [here, there] = await openTwo();
    await keep(here, running("a"));
    const { done, revisions } = await waitingFor(there, "operations/a");
    await terminate(postgres.url, "query like 'listen%' or query = 'select'");
    await here.replace(progressed(running("a")));
    await until(() => revisions.includes(2));
    await here.replace(ended(progressed(running("a")), NOON_MS));
    await done;
    await here[Symbol.asyncDispose]();
    await there[Symbol.asyncDispose]();
  });

  it("is refused where the other was quicker", async () => {
    const [here, there] = await openTwo();
    await keep(here, running("a"));
    const both = await Promise.all([
      here.replace(progressed(running("a"))),
      there.replace(progressed(running("a"))),
    ]);
    expect(both.toSorted()).toEqual([false, true]);
    await here[Symbol.asyncDispose]();
    await there[Symbol.asyncDispose]();
  });
});

describe("a lease", () => {
  const orphans = async (store: PostgresStore) =>
    (await store.orphans({ handlers: "none", limit: 10 })).map(({ name }) => name);

  it("is renewed by itself, also while the event loop stalls", async () => {
    const [here, there] = await openTwo();
    await here.hold("o1", 1_000);
    await keep(here, running("a", { owner: "o1" }));
    const stallUntil = performance.now() + 2_500;
    while (performance.now() < stallUntil);
    expect(await orphans(there)).toEqual([]);
    await here[Symbol.asyncDispose]();
    await there[Symbol.asyncDispose]();
  });

  it("ends within its time where its process is gone", async () => {
    const [here, there] = await openTwo();
    await here.hold("o1", 1_000);
    await keep(here, running("a", { owner: "o1" }));
    // Closed, and not released: as if the process had died.
    await here[Symbol.asyncDispose]();
    const goneAt = performance.now();
    await until(async () => (await orphans(there)).length === 1);
    expect(performance.now() - goneAt).toBeLessThan(1_500);
    await there[Symbol.asyncDispose]();
  });

  it("survives that its connection is lost", async () => {
    const [here, there] = await openTwo();
    await here.hold("o1", 2_000);
    await keep(here, running("a", { owner: "o1" }));
    await terminate(postgres.url, "query like '%held (owner, lease_ms)%'");
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(await orphans(there)).toEqual([]);
    await here[Symbol.asyncDispose]();
    await there[Symbol.asyncDispose]();
  });
});

describe("a store whose connections are lost", () => {
  it("goes on with new ones", async () => {
    await using store = await postgres.open();
    await keep(store, running("a"));
    await terminate(postgres.url, "true");
    await until(async () => (await store.get("operations/a").catch(() => undefined)) !== undefined);
    expect(await store.replace(progressed(running("a")))).toBe(true);
  });
});
