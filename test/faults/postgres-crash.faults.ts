import { expect, it } from "vitest";
import type { StoredOperation } from "../../src/operation/stored-operation.ts";
import { PostgresStore } from "../../src/store/postgres/postgres-store.ts";
import { ended, NOON_MS, running } from "../../src/testing/store-contract/sample-operations.ts";
import { startPostgres } from "../postgres/postgres-server.ts";
import { until } from "../until.ts";
import { report } from "./program.ts";

const CYCLES = Number(process.env["FAULT_CYCLES"] ?? 10);

/** How many writers there are, each with one write under way. */
const WRITERS = 200;

it("F6 PostgreSQL that crashes under load loses nothing that was acknowledged", {
  timeout: 600_000,
}, async () => {
  await using postgres = await startPostgres();
  await using store = await PostgresStore.open(postgres.url);
  const acknowledged = new Map<string, number>();
  let refused = 0;
  let lost = 0;
  let wrong = 0;
  for (let cycle = 0; cycle < CYCLES; cycle++) {
    let isStopped = false;
    const writer = async (id: number) => {
      for (let i = 0; !isStopped; i++) {
        const operation = running(`${cycle}-${id}-${i}`);
        try {
          if (await store.insert(operation)) acknowledged.set(operation.name, 1);
          if (await store.replace(ended(operation, NOON_MS))) acknowledged.set(operation.name, 2);
        } catch {
          refused++;
        }
      }
    };
    const before = acknowledged.size;
    const writing = Array.from({ length: WRITERS }, (_, id) => writer(id));
    await until(() => acknowledged.size > before + 500);
    await postgres.crash();
    await postgres.restart();
    const again = acknowledged.size;
    await until(() => acknowledged.size > again + 100);
    isStopped = true;
    await Promise.all(writing);
  }
  for (const [name, revision] of acknowledged) {
    const stored: StoredOperation | undefined = await store.get(name);
    if (stored === undefined) lost++;
    else if (stored.revision < revision) wrong++;
  }
  report("F6 crash of PostgreSQL", {
    cycles: CYCLES,
    acknowledged: acknowledged.size,
    refused,
    lost,
    reverted: wrong,
  });
  expect([lost, wrong, refused > 0]).toEqual([0, 0, true]);
});
