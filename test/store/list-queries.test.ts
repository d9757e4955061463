import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StoredOperation } from "../../src/operation/stored-operation.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import type { OperationStore } from "../../src/store/operation-store.ts";
import { ended, NOON_MS, progressed } from "../../src/testing/store-contract/sample-operations.ts";
import { expectedPages, operations, pagesOf, queries } from "./list-queries.ts";
import { usePostgres } from "./postgres/open-postgres-store.ts";
import { openEmptySqliteStore } from "./sqlite/open-sqlite-store.ts";

const postgres = usePostgres();

const stores: [string, () => Promise<OperationStore>, number][] = [
  ["MemoryStore", async () => new MemoryStore(), 500],
  ["SqliteStore", openEmptySqliteStore, 60],
  ["PostgresStore", () => postgres.open(), 60],
];

/** What becomes of some of the operations: by its place, each is deleted, ended, of another type, or left alone. */
async function change(store: OperationStore, kept: readonly StoredOperation[]): Promise<StoredOperation[]> {
  const left = kept.map(async (stored, i) => {
    const { done } = stored.message;
    if (i % 4 === 0) {
      await store.delete(stored.name);
      return [];
    }
    if (done || i % 4 === 3) return [stored];
    const next = i % 4 === 1 ? ended(stored, NOON_MS) : progressed(stored);
    await store.replace(next);
    return [next];
  });
  return (await Promise.all(left)).flat();
}

describe.each(stores)("a %s, whatever it keeps and is asked for", (_, open, numRuns) => {
  it("lists page by page what a plain array would", { timeout: 60_000 }, async () => {
    await using store = await open();
    await fc.assert(
      fc.asyncProperty(operations, fc.array(queries, { maxLength: 8 }), async (some, asked) => {
        for (const query of asked) expect(await pagesOf(store, query)).toEqual([[]]);
        await Promise.all(some.map((stored) => store.insert(stored)));
        for (const query of asked) expect(await pagesOf(store, query)).toEqual(expectedPages(some, query));
        const left = await change(store, some);
        for (const query of asked) expect(await pagesOf(store, query)).toEqual(expectedPages(left, query));
        await Promise.all(left.map(({ name }) => store.delete(name)));
      }),
      { numRuns, interruptAfterTimeLimit: 30_000 },
    );
  });
});
