import assert from "node:assert/strict";
import type { StoredOperation } from "../../operation/stored-operation.ts";
import type { ListPosition, ListQuery, OperationStore } from "../../store/operation-store.ts";
import { anyOf, ended, keep, NOON_MS, next, progressed, running } from "./sample-operations.ts";
import type { StoreCases } from "./store-cases.ts";

const DONE_MS = NOON_MS + 9_000;
const ALL = { parent: undefined, limit: 100 } as const;

async function assertLists(store: OperationStore, query: ListQuery, names: readonly string[]): Promise<void> {
  const listed = await store.list(query);
  assert.deepEqual(
    listed.map(({ name }) => name),
    names,
  );
}

/** An operation at the top level. Those that are asked for later are older. */
function sample(id: string, start: Parameters<typeof running>[1] = {}): StoredOperation {
  return running(id, { createTimeMs: NOON_MS - id.charCodeAt(0), ...start });
}

function typed(id: string, typeUrl: string): StoredOperation {
  return sample(id, { metadata: anyOf(typeUrl, [1]) });
}

function lists(operations: readonly StoredOperation[], query: Partial<ListQuery>, ids: readonly string[]) {
  return async (store: OperationStore) => {
    await keep(store, ...operations);
    const asked = { parent: "", limit: 100, ...query } as ListQuery;
    await assertLists(
      store,
      asked,
      ids.map((id) => (id.includes("/") ? id : `operations/${id}`)),
    );
  };
}

async function swap(store: OperationStore, stored: StoredOperation): Promise<void> {
  assert.equal(await store.replace(stored), true);
}

const ofRunning = { by: "done", value: false } as const;

const started = [
  sample("a", { principal: "alice" }),
  sample("b", { principal: "bob" }),
  sample("c"),
  sample("d", { principal: "alice" }),
  sample("e", { principal: "Alice" }),
];

const below = ["", "projects/p", "projects/p/locations/l", "projects/q"].map((parent, i) =>
  running("a", { parent, createTimeMs: NOON_MS - (i % 3), principal: i === 3 ? "bob" : "alice" }),
);

const hourly = [0, 1, 2, 3].map((hour) => sample(`${hour}`, { createTimeMs: NOON_MS + hour }));

/** Conditions of a List, which no operation is looked at in vain for. */
export const conditionCases: StoreCases = {
  "lists those of every parent in one order": lists(below, ALL, [
    "operations/a",
    "projects/q/operations/a",
    "projects/p/operations/a",
    "projects/p/locations/l/operations/a",
  ]),

  "lists nothing of every parent where nothing is kept": lists([], ALL, []),

  "no longer lists what is deleted among those of every parent": async (store) => {
    await keep(store, ...below);
    await store.delete("projects/q/operations/a");
    await store.delete("operations/a");
    await assertLists(store, ALL, ["projects/p/operations/a", "projects/p/locations/l/operations/a"]);
  },

  "walks page by page over those of every parent": async (store) => {
    const operations = Array.from({ length: 30 }, (_, i) =>
      running(`${i}`, { parent: i % 3 === 0 ? "" : `projects/${i % 5}`, createTimeMs: NOON_MS + (i % 4) }),
    );
    await keep(store, ...operations);
    const all = await store.list(ALL);
    const seen: StoredOperation[] = [];
    for (let after: ListPosition | undefined; ; after = seen.at(-1)) {
      const page = await store.list({ parent: undefined, limit: 4, after });
      seen.push(...page);
      if (page.length < 4) break;
    }
    assert.deepEqual([all.length, seen.map(({ name }) => name)], [30, all.map(({ name }) => name)]);
  },

  "lists those that run": async (store) => {
    await keep(store, sample("a"), sample("b"), sample("c"));
    await swap(store, ended(sample("b"), DONE_MS));
    await assertLists(store, { parent: "", limit: 9, only: ofRunning }, ["operations/a", "operations/c"]);
  },

  "lists those that run of one parent": async (store) => {
    const [top, own, done] = [sample("a"), sample("b", { parent: "p/q" }), sample("c", { parent: "p/q" })];
    await keep(store, top, own, done);
    await swap(store, ended(done, DONE_MS));
    await assertLists(store, { parent: "p/q", limit: 9, only: ofRunning }, [own.name]);
    await assertLists(store, { parent: "", limit: 9, only: ofRunning }, [top.name]);
  },

  "no longer lists a running one that is deleted": async (store) => {
    await keep(store, sample("a"), sample("b"));
    await store.delete("operations/a");
    await assertLists(store, { parent: "", limit: 9, only: ofRunning }, ["operations/b"]);
  },

  "lists those that somebody started, and nobody else": lists(
    started,
    { parent: undefined, only: { by: "principal", value: "alice" } },
    ["a", "d"],
  ),

  "lists those that somebody started below every parent": lists(
    below,
    { parent: undefined, only: { by: "principal", value: "alice" } },
    ["operations/a", "projects/p/operations/a", "projects/p/locations/l/operations/a"],
  ),

  "lists nothing of a principal that started nothing": lists(
    started,
    { parent: undefined, only: { by: "principal", value: "a\0b" } },
    [],
  ),

  "lists those whose metadata is of a type, whatever comes before its last slash": lists(
    [typed("a", "t/x.Y"), typed("b", "t/x.Z"), typed("c", "u/v/x.Y"), sample("d"), typed("e", "t/xx.Y")],
    { only: { by: "metadataType", value: "x.Y" } },
    ["a", "c"],
  ),

  "lists those without metadata, or with one of no type": lists(
    [typed("a", "t/x.Y"), sample("b"), typed("c", ""), typed("d", "t/\0")],
    { only: { by: "metadataType", value: "" } },
    ["b", "c", "d"],
  ),

  "lists an operation by the type that its metadata is of now": async (store) => {
    await keep(store, sample("a"), typed("b", "t/x.Y"));
    await swap(store, progressed(sample("a")));
    await swap(store, progressed(typed("b", "t/x.Y")));
    const only = { by: "metadataType", value: "example.Progress" } as const;
    await assertLists(store, { parent: "", limit: 9, only }, ["operations/a", "operations/b"]);
    await assertLists(store, { parent: "", limit: 9, only: { ...only, value: "x.Y" } }, []);
  },

  "lists an operation by its type when it is done": async (store) => {
    const kept = typed("a", "t/x.Y");
    await keep(store, kept);
    await swap(store, ended(kept, DONE_MS));
    const only = { by: "metadataType", value: "x.Y" } as const;
    await assertLists(store, { parent: "", limit: 9, only }, ["operations/a"]);
  },

  "lists those of a type among which some were deleted": async (store) => {
    await keep(store, typed("a", "t/x.Y"), typed("b", "t/x.Y"));
    await store.delete("operations/a");
    const only = { by: "metadataType", value: "x.Y" } as const;
    await assertLists(store, { parent: "", limit: 9, only }, ["operations/b"]);
  },

  "lists those that were created at a time or later": lists(hourly, { createdFromMs: NOON_MS + 2 }, [
    "3",
    "2",
  ]),

  "lists those that were created at a time or earlier": lists(hourly, { createdUntilMs: NOON_MS + 1 }, [
    "1",
    "0",
  ]),

  "lists those between two times": lists(
    hourly,
    { createdFromMs: NOON_MS + 1, createdUntilMs: NOON_MS + 2 },
    ["2", "1"],
  ),

  "lists nothing where the times are the wrong way round": lists(
    hourly,
    { createdFromMs: NOON_MS + 2, createdUntilMs: NOON_MS + 1 },
    [],
  ),

  "takes up behind a position between two times": lists(
    hourly,
    {
      createdFromMs: NOON_MS,
      createdUntilMs: NOON_MS + 2,
      after: { name: "operations/2", createTimeMs: NOON_MS + 2 },
    },
    ["1", "0"],
  ),

  "takes up behind a position that is newer than the times": lists(
    hourly,
    { createdUntilMs: NOON_MS + 1, after: { name: "operations/3", createTimeMs: NOON_MS + 3 } },
    ["1", "0"],
  ),

  "lists nothing behind a position that is older than the times": lists(
    hourly,
    { createdFromMs: NOON_MS + 2, after: { name: "operations/1", createTimeMs: NOON_MS + 1 } },
    [],
  ),

  "takes up among those that meet a condition": lists(
    started,
    { parent: undefined, only: { by: "principal", value: "alice" }, after: started[1] },
    ["d"],
  ),

  "lists no more of those that meet a condition than are asked for": lists(
    started,
    { parent: undefined, only: { by: "principal", value: "alice" }, limit: 1 },
    ["a"],
  ),

  "lists those that meet a condition as they are now": async (store) => {
    const kept = sample("a", { principal: "alice" });
    const asked = next(kept, (stored) => ({ ...stored, cancelRequested: true }));
    await keep(store, kept);
    await swap(store, asked);
    const [listed] = await store.list({ ...ALL, only: { by: "principal", value: "alice" } });
    assert.deepEqual([listed?.revision, listed?.cancelRequested], [2, true]);
  },
};
