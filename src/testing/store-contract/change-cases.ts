import assert from "node:assert/strict";
import type { StoredOperation } from "../../operation/stored-operation.ts";
import { giveBack, requestCancel } from "../../operation/transition.ts";
import type { OperationStore } from "../../store/operation-store.ts";
import { systemClock } from "../../time/clock.ts";
import { alreadyEnded, anyOf, ended, keep, NOON_MS, next, progressed, running } from "./sample-operations.ts";
import type { StoreCases } from "./store-cases.ts";

/** Longer than a store needs to pass on a change, and shorter than any runner lets a test take. */
const SOON_MS = 4_000;

type Seen = StoredOperation | undefined;

/** Makes a change, and asserts that an announcement comes, at which a reader sees what `isSeen` looks for. */
async function assertTellsOf(
  store: OperationStore,
  name: string,
  isSeen: (stored: Seen) => boolean,
  change: () => Promise<unknown>,
): Promise<void> {
  const told = Promise.withResolvers<void>();
  let announcements = 0;
  const look = async () => {
    announcements++;
    if (isSeen(await store.get(name))) told.resolve();
  };
  const unsubscribe = store.changes.subscribe(name, () => void look().catch(told.reject));
  const callOff = systemClock.after(SOON_MS, () =>
    told.reject(new assert.AssertionError({ message: silence(name, announcements) })),
  );
  try {
    await Promise.all([change(), told.promise]);
  } finally {
    callOff();
    unsubscribe();
  }
}

function silence(name: string, announcements: number): string {
  if (announcements === 0) return `nothing was announced of ${name} within ${SOON_MS} ms`;
  return `${name} was announced ${announcements} times, and at none of them could the change be read`;
}

/** Makes a change that is announced after all that was announced before. */
async function fence(store: OperationStore, id: string): Promise<void> {
  const marker = running(id);
  await assertTellsOf(
    store,
    marker.name,
    (stored) => stored !== undefined,
    () => keep(store, marker),
  );
}

/** Tries a change that is refused, and asserts that no announcement of the name comes of it. */
async function assertSaysNothing(
  store: OperationStore,
  name: string,
  attempt: () => Promise<boolean | number>,
): Promise<void> {
  await fence(store, "before");
  let announcements = 0;
  const unsubscribe = store.changes.subscribe(name, () => announcements++);
  assert.ok(!(await attempt()), "the store refuses");
  await fence(store, "after");
  unsubscribe();
  assert.equal(announcements, 0, `${name} was announced, and nothing had changed`);
}

const isGone = (stored: Seen) => stored === undefined;
const hasRevision = (revision: number) => (stored: Seen) => stored?.revision === revision;

/** An announcement says "look again": by then there is something to see. */
export const changeCases: StoreCases = {
  "tells of work that waits, when it is started, given back, or cancelled in its delay": async (store) => {
    const heard: string[] = [];
    store.changes.on("waiting", (handler) => heard.push(handler));
    const work = (handler: string) => ({ handler, input: anyOf("type.example.com/example.Input", [1]) });
    await keep(store, running("a", { work: work("started") }));
    const owned = running("b", { work: work("given back"), owner: "o" });
    await keep(store, owned);
    await store.replace(next(owned, giveBack));
    const delayed = running("c", { work: work("cancelled"), delayMs: 3_600_000 });
    await keep(store, delayed);
    await store.replace(next(delayed, requestCancel));
    await fence(store, "after");
    assert.deepEqual(heard, ["started", "given back", "cancelled"]);
  },

  "tells of no work that waits where it runs, is delayed, or has ended": async (store) => {
    const heard: string[] = [];
    store.changes.on("waiting", (handler) => heard.push(handler));
    const work = { handler: "w", input: anyOf("type.example.com/example.Input", [1]) };
    const owned = running("a", { work, owner: "o" });
    await keep(store, running("b", { work, delayMs: 3_600_000 }), owned, running("c"));
    await store.replace(ended(owned, NOON_MS));
    await fence(store, "after");
    assert.deepEqual(heard, []);
  },

  "tells of a new operation, which can be read by then": (store) =>
    assertTellsOf(store, "operations/a", hasRevision(1), () => store.insert(running("a"))),

  "tells of a replaced operation, which can be read by then": async (store) => {
    await keep(store, running("a"));
    await assertTellsOf(store, "operations/a", hasRevision(2), () => store.replace(progressed(running("a"))));
  },

  "tells of a deleted operation, which cannot be read by then": async (store) => {
    await keep(store, running("a"));
    await assertTellsOf(store, "operations/a", isGone, () => store.delete("operations/a"));
  },

  "tells of an expired operation, which cannot be read by then": async (store) => {
    await keep(store, alreadyEnded("a", NOON_MS));
    await assertTellsOf(store, "operations/a", isGone, () => store.deleteExpired(NOON_MS, 10));
  },

  "tells of names beyond ASCII": (store) =>
    assertTellsOf(store, "operations/'füße' 😀", hasRevision(1), () => store.insert(running("'füße' 😀"))),

  "tells of a very long name": (store) =>
    assertTellsOf(store, `operations/${"é".repeat(1_000)}`, hasRevision(1), () =>
      store.insert(running("é".repeat(1_000))),
    ),

  "says nothing of an insert that it refuses": async (store) => {
    await keep(store, running("a"));
    await assertSaysNothing(store, "operations/a", () => store.insert(running("a")));
  },

  "says nothing of a replace that it refuses": async (store) => {
    await keep(store, running("a"));
    const stale = { ...progressed(running("a")), revision: 1 };
    await assertSaysNothing(store, "operations/a", () => store.replace(stale));
  },

  "says nothing of a replace of an operation that was never kept": (store) =>
    assertSaysNothing(store, "operations/a", () => store.replace(progressed(running("a")))),

  "says nothing of a delete of an operation that was never kept": (store) =>
    assertSaysNothing(store, "operations/a", () => store.delete("operations/a")),

  "says nothing where nothing has expired": async (store) => {
    await keep(store, alreadyEnded("a", NOON_MS + 1));
    await assertSaysNothing(store, "operations/a", () => store.deleteExpired(NOON_MS, 10));
  },

  "tells a subscriber of its own operation alone": async (store) => {
    let announcements = 0;
    const unsubscribe = store.changes.subscribe("operations/a", () => announcements++);
    await keep(store, running("ab"), running("a", { parent: "projects/p" }));
    await store.replace(progressed(running("ab")));
    await store.delete("operations/ab");
    await fence(store, "after");
    unsubscribe();
    assert.equal(announcements, 0);
  },

  "tells every one of 100 subscribers of one operation": async (store) => {
    const all = Array.from({ length: 100 }, () =>
      assertTellsOf(store, "operations/a", hasRevision(1), async () => {}),
    );
    await Promise.all([...all, store.insert(running("a"))]);
  },

  "tells those who listen to everything of every operation": async (store) => {
    const heard = new Set<string>();
    store.changes.on("change", (name) => heard.add(name));
    await keep(store, running("a"), running("a", { parent: "projects/p" }));
    await fence(store, "after");
    assert.deepEqual([...heard].toSorted(), ["operations/a", "operations/after", "projects/p/operations/a"]);
  },

  "tells one who has unsubscribed nothing": async (store) => {
    let announcements = 0;
    store.changes.subscribe("operations/a", () => announcements++)();
    await keep(store, running("a"));
    await fence(store, "after");
    assert.equal(announcements, 0);
  },

  "keeps nothing of one who has unsubscribed": async (store) => {
    const unsubscribes = Array.from({ length: 10 }, () => store.changes.subscribe("operations/a", () => {}));
    await keep(store, running("a"));
    for (const unsubscribe of unsubscribes) unsubscribe();
    assert.equal(store.changes.subscriptions, 0);
  },
};
