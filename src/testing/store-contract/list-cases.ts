import assert from "node:assert/strict";
import type { StoredOperation } from "../../operation/stored-operation.ts";
import type { ListPosition, ListQuery, OperationStore } from "../../store/operation-store.ts";
import { assertSame, ended, keep, NOON_MS, running } from "./sample-operations.ts";
import type { StoreCases } from "./store-cases.ts";

// In the order of their UTF-8 bytes. UTF-16 has the astral ones before U+E000; a dictionary mixes the cases.
const idsBytewise = [
  "A",
  "B",
  "Z",
  "a",
  "a-",
  "a0",
  "aB",
  "ab",
  "b",
  "é",
  "東",
  "\ue000",
  "\ufffd",
  "😀",
  "😁",
];

async function assertLists(store: OperationStore, query: ListQuery, ids: readonly string[]): Promise<void> {
  const listed = await store.list(query);
  assert.deepEqual(listed.map(idOf), ids);
}

function idOf({ name }: ListPosition): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

/** The same every time, and far from any order. */
function shuffled<T>(values: readonly T[]): T[] {
  return values
    .map((value, i) => ({ value, key: (i * 7_919 + 13) % 101 }))
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value);
}

/** `new` is the newest, `old` the oldest, and b, d and f are of one time. */
const five = [
  running("new", { createTimeMs: NOON_MS + 10 }),
  running("b"),
  running("d"),
  running("f"),
  running("old", { createTimeMs: NOON_MS - 10 }),
];

function listsBehind(name: string, createTimeMs: number, ids: readonly string[]) {
  return async (store: OperationStore) => {
    await keep(store, ...shuffled(five));
    await assertLists(store, { parent: "", limit: 10, after: { name, createTimeMs } }, ids);
  };
}

/** The order is total, and the same in every store, so that a page token of one List is good for the next. */
export const listCases: StoreCases = {
  "lists nothing where nothing is kept": (store) => assertLists(store, { parent: "", limit: 10 }, []),

  "lists the newest first": async (store) => {
    const times = Array.from({ length: 20 }, (_, i) => NOON_MS + i);
    await keep(store, ...shuffled(times).map((createTimeMs) => running(`${createTimeMs}`, { createTimeMs })));
    await assertLists(store, { parent: "", limit: 100 }, times.reverse().map(String));
  },

  "lists those of one time by name, bytewise": async (store) => {
    await keep(store, ...shuffled(idsBytewise).map((id) => running(id)));
    await assertLists(store, { parent: "", limit: 100 }, idsBytewise);
  },

  "takes up behind each name of one time, bytewise": async (store) => {
    await keep(store, ...shuffled(idsBytewise).map((id) => running(id)));
    for (const [i, id] of idsBytewise.entries()) {
      const after = { name: `operations/${id}`, createTimeMs: NOON_MS };
      await assertLists(store, { parent: "", limit: 100, after }, idsBytewise.slice(i + 1));
    }
  },

  "lists as many as are asked for where there are more": async (store) => {
    await keep(store, ...five);
    await assertLists(store, { parent: "", limit: 2 }, ["new", "b"]);
  },

  "lists all where there are as many as are asked for": async (store) => {
    await keep(store, ...five);
    await assertLists(store, { parent: "", limit: 5 }, ["new", "b", "d", "f", "old"]);
  },

  "takes up behind a position, with a limit": async (store) => {
    await keep(store, ...five);
    const after = { name: "operations/b", createTimeMs: NOON_MS };
    await assertLists(store, { parent: "", limit: 2, after }, ["d", "f"]);
  },

  "takes up behind an operation among those of one time": listsBehind("operations/d", NOON_MS, ["f", "old"]),

  "takes up behind a name that is not there, among those of one time": listsBehind("operations/c", NOON_MS, [
    "d",
    "f",
    "old",
  ]),

  "takes up behind a time at which nothing was created": listsBehind("operations/z", NOON_MS + 5, [
    "b",
    "d",
    "f",
    "old",
  ]),

  "lists everything behind a position before the newest": listsBehind("operations/a", NOON_MS + 11, [
    "new",
    "b",
    "d",
    "f",
    "old",
  ]),

  "lists nothing behind the oldest": listsBehind("operations/old", NOON_MS - 10, []),

  "takes up behind an operation that was deleted since": async (store) => {
    await keep(store, ...five);
    await store.delete("operations/d");
    const after = { name: "operations/d", createTimeMs: NOON_MS };
    await assertLists(store, { parent: "", limit: 10, after }, ["f", "old"]);
  },

  "lists an operation that is done where it was listed before": async (store) => {
    const done = ended(running("d"), NOON_MS + 9_000);
    await keep(store, ...five);
    await store.replace(done);
    await assertLists(store, { parent: "", limit: 10 }, ["new", "b", "d", "f", "old"]);
  },

  "gives back what it lists as it went in": async (store) => {
    const stored = ended(running("a"), NOON_MS + 9_000);
    await keep(store, stored);
    assertSame((await store.list({ parent: "", limit: 1 }))[0], stored);
  },

  "lists the operations of each parent, and of no other": async (store) => {
    // Prefixes of one another, patterns to SQL, and alike but for case.
    const parents = ["", "projects", "projects/p", "projects/p2", "projects/p/locations/l", "projects/P"];
    parents.push("projects/%", "projects/_", "project_/p");
    const operations = parents.map((parent) => running("a", { parent }));
    await keep(store, ...operations);
    for (const [i, parent] of parents.entries()) {
      const listed = await store.list({ parent, limit: 100 });
      assert.deepEqual(
        listed.map(({ name }) => name),
        [operations[i]?.name],
      );
    }
  },

  "lists nothing for a parent of parents": async (store) => {
    await keep(store, running("a", { parent: "projects/p/locations/l" }));
    await assertLists(store, { parent: "projects/p", limit: 10 }, []);
  },

  "shows each operation once on a walk page by page, whatever comes and goes meanwhile": async (store) => {
    const many = (id: string, length: number): StoredOperation[] =>
      Array.from({ length }, (_, i) => running(`${id}-${i}`, { createTimeMs: NOON_MS + (i % 9) }));
    const staying = many("stays", 40);
    const going = many("goes", 20);
    const coming = many("comes", 60);
    await keep(store, ...shuffled([...staying, ...going]));

    const seen: string[] = [];
    let after: ListPosition | undefined;
    for (let page = 0; page < coming.length; page++) {
      const newcomer = coming[page] ?? running("late");
      const [listed] = await Promise.all([
        store.list({ parent: "", limit: 3, after }),
        store.insert(newcomer),
        store.delete(going[page]?.name ?? "operations/none"),
      ]);
      seen.push(...listed.map(({ name }) => name));
      after = listed.at(-1);
      if (after === undefined) break;
    }

    assert.equal(after, undefined, "the walk comes to an end");
    assert.deepEqual(seen.toSorted(), [...new Set(seen)].toSorted(), "nothing is shown twice");
    const missed = staying.filter(({ name }) => !seen.includes(name));
    assert.deepEqual(missed.map(idOf), [], "nothing that stayed is missed");
  },
};
