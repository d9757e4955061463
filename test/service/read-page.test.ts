import { describe, expect, it } from "vitest";
import { readPage } from "../../src/service/read-page.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import type { ListQuery } from "../../src/store/operation-store.ts";
import { anyOf, keep, NOON_MS, running } from "../../src/testing/store-contract/sample-operations.ts";

const MIB = 1024 * 1024;

/** Counts how many operations it was asked for, and how many it gave. */
class CountingStore extends MemoryStore {
  read = 0;

  override async list(query: ListQuery) {
    const listed = await super.list(query);
    this.read += listed.length;
    return listed;
  }
}

/** A store with so many operations of that many bytes, named by their place in a list. */
async function openWith(count: number, bytes = 0): Promise<CountingStore> {
  const store = new CountingStore();
  const metadata = anyOf("a/b.C", Buffer.alloc(bytes));
  for (let i = 0; i < count; i++) {
    await keep(store, running(String(i), { createTimeMs: NOON_MS - i, metadata }));
  }
  return store;
}

/** The pages of a walk, as counts. */
async function walk(store: CountingStore, size: number): Promise<number[]> {
  const pages: number[] = [];
  let page = await readPage(store, "", size, undefined);
  for (;;) {
    pages.push(page.operations.length);
    if (!page.hasMore) return pages;
    page = await readPage(store, "", size, page.operations.at(-1));
  }
}

describe("a page", () => {
  it.each([
    [0, 10, [0]],
    [10, 10, [10]],
    [11, 10, [10, 1]],
    [1_500, 1_000, [1_000, 500]],
    [51, 50, [50, 1]],
    [52, 51, [51, 1]],
  ])("of %d operations, %d at a time, has as many as it may", async (count, size, pages) => {
    expect(await walk(await openWith(count), size)).toEqual(pages);
  });

  it("has fewer where they are large", async () => {
    expect(await walk(await openWith(8, MIB), 50)).toEqual([2, 2, 2, 2]);
  });

  it("has one at least, however large that is", async () => {
    expect(await walk(await openWith(3, 5 * MIB), 50)).toEqual([1, 1, 1]);
  });

  it("does not read a thousand large ones for a few", async () => {
    const store = await openWith(500, 100_000);
    await readPage(store, "", 1_000, undefined);
    expect(store.read).toBe(51);
  });
});
