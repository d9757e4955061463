import assert from "node:assert/strict";
import type { StoredOperation } from "../../operation/stored-operation.ts";
import { requestCancel } from "../../operation/transition.ts";
import type { OperationStore } from "../../store/operation-store.ts";
import {
  alreadyEnded,
  anyOf,
  assertSame,
  ended,
  failure,
  keep,
  NOON_MS,
  next,
  progressed,
  running,
} from "./sample-operations.ts";
import { assertOneWins, type StoreCases } from "./store-cases.ts";

const LAST_MS_OF_YEAR_9999 = Date.UTC(10_000, 0, 1) - 1;

// Each is a name of its own, though to some eyes, collations and SQL statements they look alike, or are code.
const unlikeNames = [
  "a",
  "A",
  "a ",
  "a%",
  "a_",
  "a\\",
  "a'; drop table operations; --",
  '"a"',
  "a\nb",
  "\u00e9",
  "e\u0301",
  "ﬁ",
  "fi",
  "\ufffd",
  "😀",
  "😁",
  "__proto__",
  "constructor",
  "a".repeat(1_000),
];

async function assertComesBack(store: OperationStore, stored: StoredOperation): Promise<void> {
  await keep(store, stored);
  assertSame(await store.get(stored.name), stored);
}

const TRACE_PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/** What goes in comes out, under its own name, until it is deleted. */
export const keepCases: StoreCases = {
  "answers undefined for a name that was never kept": async (store) => {
    await keep(store, running("other"));
    assert.equal(await store.get("operations/a"), undefined);
  },

  "gives back a running operation as it went in": (store) => assertComesBack(store, running("a")),

  "gives back metadata byte by byte": (store) => {
    const everyByte = Array.from({ length: 256 }, (_, byte) => byte);
    return assertComesBack(store, running("a", { metadata: anyOf("type.example.com/a.B", everyByte) }));
  },

  "gives back empty metadata as metadata, not as none": (store) =>
    assertComesBack(store, running("a", { metadata: anyOf("", []) })),

  "gives back a megabyte of metadata": (store) =>
    assertComesBack(store, running("a", { metadata: anyOf("a/b.C", new Uint8Array(2 ** 20).fill(7)) })),

  "gives back an empty response as a response, not as none": (store) =>
    assertComesBack(store, alreadyEnded("a", NOON_MS + 2_000)),

  "gives back an error with its details": (store) =>
    assertComesBack(store, { ...ended(running("a"), NOON_MS + 2_000, failure()), revision: 1 }),

  "gives back a parent beyond ASCII": (store) =>
    assertComesBack(store, running("a", { parent: "projects/füße-😀/locations/東京" })),

  "gives back who started an operation": (store) =>
    assertComesBack(store, running("a", { principal: "https://issuer.example|Füße 😀" })),

  "gives back what an operation is traced by": (store) =>
    assertComesBack(store, running("a", { traceParent: TRACE_PARENT })),

  "gives back times to the millisecond, up to the year 9999": (store) =>
    assertComesBack(store, {
      ...alreadyEnded("a", LAST_MS_OF_YEAR_9999),
      createTimeMs: 1,
      endTimeMs: LAST_MS_OF_YEAR_9999 - 1,
    }),

  "gives back, once replaced, every field as replaced": async (store) => {
    const metadata = anyOf("a/b.C", [1]);
    const kept = running("a", { parent: "projects/p", metadata, principal: "alice" });
    const asked = next(kept, requestCancel);
    const reported = { ...progressed(asked), traceParent: TRACE_PARENT };
    const last = ended(reported, NOON_MS + 5_000, failure());
    await keep(store, kept);
    for (const stored of [asked, reported, last]) {
      assert.equal(await store.replace(stored), true);
      assertSame(await store.get(stored.name), stored);
    }
  },

  "refuses a name that is taken, and leaves the operation that has it as it is": async (store) => {
    const kept = running("a", { metadata: anyOf("a/b.C", [1]) });
    await keep(store, kept);
    assert.equal(await store.insert(alreadyEnded("a", NOON_MS)), false);
    assertSame(await store.get(kept.name), kept);
  },

  "lists an operation once, though its name was asked for twice": async (store) => {
    await keep(store, running("a"));
    await store.insert(running("a", { createTimeMs: NOON_MS + 1 }));
    assert.equal((await store.list({ parent: "", limit: 10 })).length, 1);
  },

  "gives a name that 50 ask for at once to one of them": (store) =>
    assertOneWins(Array.from({ length: 50 }, (_, i) => store.insert(running("a", { createTimeMs: i })))),

  "tells names apart that look alike": async (store) => {
    const operations = unlikeNames.map((id, i) => running(id, { createTimeMs: NOON_MS + i }));
    await keep(store, ...operations);
    for (const stored of operations) assertSame(await store.get(stored.name), stored);
  },

  "forgets what is deleted": async (store) => {
    await keep(store, running("a"));
    assert.equal(await store.delete("operations/a"), true);
    assert.equal(await store.get("operations/a"), undefined);
  },

  "no longer lists what is deleted": async (store) => {
    await keep(store, running("a"));
    await store.delete("operations/a");
    assert.deepEqual(await store.list({ parent: "", limit: 10 }), []);
  },

  "deletes nothing beside what it is told to": async (store) => {
    const other = running("ab");
    await keep(store, running("a"), other);
    await store.delete("operations/a");
    assertSame(await store.get(other.name), other);
  },

  "says so where there was nothing to delete": async (store) => {
    assert.equal(await store.delete("operations/a"), false);
  },

  "lets one of 50 who delete at once have deleted": async (store) => {
    await keep(store, running("a"));
    await assertOneWins(Array.from({ length: 50 }, () => store.delete("operations/a")));
  },

  "keeps a new operation under a name that was deleted": async (store) => {
    await keep(store, running("a", { metadata: anyOf("a/b.C", [1]) }));
    await store.delete("operations/a");
    const again = running("a", { createTimeMs: NOON_MS + 1 });
    await assertComesBack(store, again);
    assert.equal((await store.list({ parent: "", limit: 10 })).length, 1);
  },
};
