import { describe, expect, it } from "vitest";
import { compileFilter, type Filter } from "../../src/filter/filter.ts";
import { readPage } from "../../src/service/read-page.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import type { ListPosition, ListQuery, OperationStore } from "../../src/store/operation-store.ts";
import { anyOf, ended, keep, NOON_MS, running } from "../../src/testing/store-contract/sample-operations.ts";
import { openEmptySqliteStore } from "../store/sqlite/open-sqlite-store.ts";

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
async function walk(store: CountingStore, size: number, filter?: Filter): Promise<number[]> {
  const pages: number[] = [];
  let after: ListPosition | undefined;
  do {
    const { operations, next } = await readPage(store, { parent: "", size, after, filter });
    pages.push(operations.length);
    after = next;
  } while (after !== undefined);
  return pages;
}

/** Lets operations through whose names match. */
function onlyNames(pattern: RegExp): Filter {
  return { matches: ({ name }) => pattern.test(name) };
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
    expect(await walk(await openWith(8, MIB / 3), 50)).toEqual([2, 2, 2, 2]);
  });

  it("has one at least, however large that is", async () => {
    expect(await walk(await openWith(3, 5 * MIB), 50)).toEqual([1, 1, 1]);
  });

  it("does not read a thousand large ones for a few", async () => {
    const store = await openWith(500, 100_000);
    await readPage(store, { parent: "", size: 1_000, after: undefined, filter: undefined });
    expect(store.read).toBe(51);
  });

  it("is full where enough match", async () => {
    expect(await walk(await openWith(100), 10, onlyNames(/[05]$/))).toEqual([10, 10]);
  });

  it("ends sooner where all of large ones is searched, and the next goes on from there", async () => {
    const store = await openWith(6, MIB);
    const filter = { ...onlyNames(/[05]$/), searches: 10 };
    let turns = 0;
    const next = async () => void turns++;
    const counts: number[] = [];
    let after: ListPosition | undefined;
    do {
      const page = await readPage(store, { parent: "", size: 50, after, filter, turns: { next } });
      counts.push(page.operations.length);
      after = page.next;
    } while (after !== undefined);
    expect([counts, turns]).toEqual([[1, 0, 0, 0, 0, 1], 6]);
  });

  it("ends after a budget where few match, and the next goes on from there", async () => {
    expect(await walk(await openWith(12_000), 10, onlyNames(/\/(7|11999)$/))).toEqual([1, 0, 1]);
  });
});

/** What a page that is asked for by a filter alone has read of 6,000 operations that are done, and an older one that runs. */
async function readFor(filter: string): Promise<{ shown: readonly string[]; read: number }> {
  const store = new CountingStore();
  const metadata = (id: string) => anyOf(`type.example.com/example.${id}`, []);
  for (let i = 0; i < 6_000; i++) {
    const stored = running(String(i), { createTimeMs: NOON_MS - i, metadata: metadata("Many") });
    await store.insert({ ...ended(stored, NOON_MS + 9_000), revision: 1 });
  }
  await keep(store, running("old", { createTimeMs: NOON_MS - 6_000, metadata: metadata("One") }));
  const compiled = compileFilter(filter, { metadata: [], response: [] });
  const page = await readPage(store, { parent: "", size: 50, after: undefined, filter: compiled });
  return { shown: page.operations.map(({ name }) => name), read: store.read };
}

/**
 * How many of 6,000 operations in an SQLite file a page reads that is asked for by a filter. They are named by their place
 * in a List, and those expire first, and ended last, that are last in it.
 */
async function readOfRanges(filter: string): Promise<number> {
  await using store = await openEmptySqliteStore();
  const inserts = Array.from({ length: 6_000 }, (_, i) => {
    const stored = running(String(i), { createTimeMs: NOON_MS - i });
    return store.insert({ ...ended(stored, NOON_MS + 15_000 - i), revision: 1, endTimeMs: NOON_MS + i });
  });
  await Promise.all(inserts);
  let read = 0;
  const counting: Pick<OperationStore, "list" | "listInRange" | "get"> = {
    get: (name) => store.get(name),
    async list(query) {
      const listed = await store.list(query);
      read += listed.length;
      return listed;
    },
    async listInRange(query) {
      const listed = await store.listInRange(query);
      read += listed?.length ?? 0;
      return listed;
    },
  };
  const compiled = compileFilter(filter, { metadata: [], response: [] });
  await readPage(counting, { parent: "", size: 1_000, after: undefined, filter: compiled });
  return read;
}

describe("a page of what an index serves", () => {
  it.each([
    ["name=operations/old", 0],
    ["done=false", 1],
    ["metadata.@type=type.example.com/example.One", 1],
    ["create_time<2026-01-01T11:59:54.001Z", 1],
    ["create_time<=2026-01-01T11:59:54.010Z AND done!=true", 1],
  ])("by %s reads no operation in vain", async (filter, read) => {
    expect(await readFor(filter)).toEqual({ shown: ["operations/old"], read });
  });

  it.each([
    ["the beginning of a name that few have", 'name="operations/59*"', 51 + 111],
    ["the beginning of a name that all have", 'name="operations/*99"', 5_000],
    ["a time since which few ended", "end_time>=2026-01-01T12:00:05.990Z", 51 + 10],
    ["a time since which too many ended", "end_time>2026-01-01T12:00:00.500Z AND error:*", 5_000],
    [
      "times between which few ended",
      "end_time>2026-01-01T12:00:00.500Z AND end_time<=2026-01-01T12:00:00.510Z",
      51 + 10,
    ],
    [
      "a time since which too many ended, few of which expire",
      "end_time>2026-01-01T12:00:00.500Z AND expire_time<=2026-01-01T12:00:09.010Z",
      51 + 10,
    ],
    ["a time at which few expire", "expire_time<=2026-01-01T12:00:09.010Z", 51 + 10],
    ["a time at which too many expire", "expire_time>2026-01-01T12:00:09.500Z AND error:*", 5_000],
  ])("by %s reads so many", async (_, text, read) => {
    expect(await readOfRanges(text)).toBe(read);
  });

  it("reads what a principal started, whoever else started more", async () => {
    const store = await openWith(6_000);
    await keep(store, running("own", { createTimeMs: 1, principal: "alice" }));
    const query = { parent: "", principal: "alice", size: 50, after: undefined, filter: undefined };
    const { operations } = await readPage(store, query);
    expect([operations.map(({ name }) => name), store.read]).toEqual([["operations/own"], 1]);
  });

  it.each(['name="operations/other*"', "expire_time>2026-01-01T00:00:00Z", "end_time>2026-01-01T00:00:00Z"])(
    "reads nothing of what others started, whose number the time it takes would tell: %s",
    async (text) => {
      await using store = await openEmptySqliteStore();
      for (let i = 0; i < 60; i++) await keep(store, running(`own${i}`, { principal: "alice" }));
      await keep(store, running("other", { principal: "bob" }));
      const asked: string[] = [];
      const listening: Pick<OperationStore, "list" | "listInRange" | "get"> = {
        get: (name) => store.get(name),
        async list(query) {
          const listed = await store.list(query);
          asked.push(...listed.map(({ principal }) => principal ?? ""));
          return listed;
        },
        async listInRange() {
          asked.push("a range of everybody's");
          return undefined;
        },
      };
      const filter = compileFilter(text, { metadata: [], response: [] });
      const query = { parent: undefined, principal: "alice", size: 50, after: undefined, filter };
      const { operations } = await readPage(listening, query);
      expect([operations.length, new Set(asked)]).toEqual([0, new Set(["alice"])]);
    },
  );

  it("shows nothing behind the operation that it names", async () => {
    const store = await openWith(3);
    const filter = compileFilter("name=operations/1", { metadata: [], response: [] });
    const pages = [0, 1, 2].map((i) => {
      const after = { name: `operations/${i}`, createTimeMs: NOON_MS - i };
      return readPage(store, { parent: "", size: 50, after, filter });
    });
    const counts = (await Promise.all(pages)).map(({ operations }) => operations.length);
    expect(counts).toEqual([1, 0, 0]);
  });
});
