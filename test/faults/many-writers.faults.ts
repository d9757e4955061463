import { expect, it } from "vitest";
import { PostgresStore } from "../../src/store/postgres/postgres-store.ts";
import { ended, NOON_MS, running } from "../../src/testing/store-contract/sample-operations.ts";
import { startPostgres } from "../postgres/postgres-server.ts";
import { until } from "../until.ts";
import { cycles, report } from "./program.ts";

const CYCLES = cycles(10);

/** How many servers write, each in transactions of its own, and how many writes each has under way. */
const STORES = 6;
const WRITERS = 20;

// After a crash PostgreSQL gives the IDs of transactions that are not on disk to others, which do commit.
it("F6 PostgreSQL that is killed while many servers write answers none of them for another", {
  timeout: 60_000 + CYCLES * 10_000,
}, async () => {
  await using postgres = await startPostgres();
  await using stack = new AsyncDisposableStack();
  const stores: PostgresStore[] = [];
  for (let i = 0; i < STORES; i++) stores.push(stack.use(await PostgresStore.open(postgres.url)));
  const acknowledged = new Map<string, number>();
  let refused = 0;
  for (let cycle = 0; cycle < CYCLES; cycle++) {
    let isStopped = false;
    const write = async (store: PostgresStore, writer: string) => {
      for (let i = 0; !isStopped; i++) {
        const operation = running(`${cycle}-${writer}-${i}`);
        try {
          if (await store.insert(operation)) acknowledged.set(operation.name, 1);
          if (await store.replace(ended(operation, NOON_MS))) acknowledged.set(operation.name, 2);
        } catch {
          refused++;
        }
      }
    };
    const writing = stores.flatMap((store, i) =>
      Array.from({ length: WRITERS }, (_, j) => write(store, `${i}-${j}`)),
    );
    const before = acknowledged.size;
    await until(() => acknowledged.size > before + 500);
    await postgres.kill();
    await postgres.restart();
    const again = acknowledged.size;
    await until(() => acknowledged.size > again + 500);
    isStopped = true;
    await Promise.all(writing);
  }
  const lost: string[] = [];
  for (const [name, revision] of acknowledged) {
    const stored = await stores[0]?.get(name);
    if (stored === undefined) lost.push(`${name} is gone`);
    else if (stored.revision < revision) lost.push(`the end of ${name} is gone`);
  }
  report("F6 kill -9 of PostgreSQL below many writers", {
    cycles: CYCLES,
    servers: STORES,
    acknowledged: acknowledged.size,
    refused,
    lost: lost.length,
  });
  expect([lost.slice(0, 5), refused > 0]).toEqual([[], true]);
});
