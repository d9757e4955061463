import assert from "node:assert/strict";
import type { OperationStore } from "../../store/operation-store.ts";
import { alreadyEnded, assertSame, ended, keep, NOON_MS, running } from "./sample-operations.ts";
import type { StoreCases } from "./store-cases.ts";

const FAR_AHEAD_MS = NOON_MS * 10;

async function keepTenExpired(store: OperationStore): Promise<void> {
  await keep(store, ...Array.from({ length: 10 }, (_, i) => alreadyEnded(`expired-${i}`, NOON_MS - i)));
}

/** Only what is done expires, and only when its time has come. */
export const expiryCases: StoreCases = {
  "forgets nothing where nothing is kept": async (store) => {
    assert.equal(await store.deleteExpired(FAR_AHEAD_MS, 10), 0);
  },

  "forgets an operation whose time is now": async (store) => {
    await keep(store, alreadyEnded("a", NOON_MS));
    assert.equal(await store.deleteExpired(NOON_MS, 10), 1);
    assert.equal(await store.get("operations/a"), undefined);
  },

  "forgets an operation whose time has passed": async (store) => {
    await keep(store, alreadyEnded("a", NOON_MS));
    assert.equal(await store.deleteExpired(NOON_MS + 1, 10), 1);
  },

  "keeps an operation for one more millisecond": async (store) => {
    const stored = alreadyEnded("a", NOON_MS + 1);
    await keep(store, stored);
    assert.equal(await store.deleteExpired(NOON_MS, 10), 0);
    assertSame(await store.get("operations/a"), stored);
  },

  "never forgets one that runs, however old": async (store) => {
    await keep(store, running("a", { createTimeMs: 0 }));
    assert.equal(await store.deleteExpired(FAR_AHEAD_MS, 10), 0);
    assertSame(await store.get("operations/a"), running("a", { createTimeMs: 0 }));
  },

  "forgets one that ran at first": async (store) => {
    await keep(store, running("a"));
    await store.replace(ended(running("a"), NOON_MS));
    assert.equal(await store.deleteExpired(NOON_MS, 10), 1);
    assert.equal(await store.get("operations/a"), undefined);
  },

  "forgets the expired among others that stay": async (store) => {
    await keep(store, running("runs"), alreadyEnded("later", NOON_MS + 1), alreadyEnded("now", NOON_MS));
    assert.equal(await store.deleteExpired(NOON_MS, 10), 1);
    const listed = await store.list({ parent: "", limit: 10 });
    assert.deepEqual(
      listed.map(({ name }) => name),
      ["operations/later", "operations/runs"],
    );
  },

  "finds the expired behind those that expire later": async (store) => {
    const later = Array.from({ length: 30 }, (_, i) => alreadyEnded(`later-${i}`, NOON_MS + 1 + i));
    await keep(store, ...later, alreadyEnded("now", NOON_MS));
    assert.equal(await store.deleteExpired(NOON_MS, 1), 1);
    assert.equal(await store.get("operations/now"), undefined);
  },

  "forgets each when its time has come, in whatever order they came": async (store) => {
    const delays = [0, 3, 1, 4, 2];
    await keep(store, ...delays.map((delayMs) => alreadyEnded(`after-${delayMs}`, NOON_MS + delayMs)));
    const answers = [];
    for (let delayMs = -1; delayMs < 6; delayMs++)
      answers.push(await store.deleteExpired(NOON_MS + delayMs, 10));
    assert.deepEqual(answers, [0, 1, 1, 1, 1, 1, 0]);
  },

  "finds one that is new and expires before those for which it was too early": async (store) => {
    await keep(store, alreadyEnded("later", NOON_MS + 9));
    await store.deleteExpired(NOON_MS, 10);
    await keep(store, alreadyEnded("sooner", NOON_MS + 1));
    assert.equal(await store.deleteExpired(NOON_MS + 1, 10), 1);
    assert.equal(await store.get("operations/sooner"), undefined);
  },

  "finds one that ends after all others were forgotten": async (store) => {
    await keep(store, running("a"), alreadyEnded("b", NOON_MS));
    await store.deleteExpired(NOON_MS, 10);
    await store.replace(ended(running("a"), NOON_MS));
    assert.equal(await store.deleteExpired(NOON_MS, 10), 1);
  },

  "forgets those of every parent": async (store) => {
    const elsewhere = {
      ...ended(running("a", { parent: "projects/p" }), NOON_MS),
      revision: 1,
    };
    await keep(store, alreadyEnded("a", NOON_MS), elsewhere);
    assert.equal(await store.deleteExpired(NOON_MS, 10), 2);
  },

  "forgets at most as many as it may": async (store) => {
    await keepTenExpired(store);
    assert.equal(await store.deleteExpired(NOON_MS, 3), 3);
    assert.equal((await store.list({ parent: "", limit: 100 })).length, 7);
  },

  "forgets the rest when it is asked again": async (store) => {
    await keepTenExpired(store);
    const answers = [];
    for (let i = 0; i < 4; i++) answers.push(await store.deleteExpired(NOON_MS, 4));
    assert.deepEqual(answers, [4, 4, 2, 0]);
  },

  "counts each once, though four forget at once": async (store) => {
    await keepTenExpired(store);
    const answers = await Promise.all(Array.from({ length: 4 }, () => store.deleteExpired(NOON_MS, 100)));
    const rest = await store.deleteExpired(NOON_MS, 100);
    assert.equal(
      answers.reduce((sum, count) => sum + count, rest),
      10,
    );
  },

  "does not count what was deleted before": async (store) => {
    await keep(store, alreadyEnded("a", NOON_MS));
    await store.delete("operations/a");
    assert.equal(await store.deleteExpired(NOON_MS, 10), 0);
  },

  "does not forget one that took the name of an expired one": async (store) => {
    await keep(store, alreadyEnded("a", NOON_MS));
    await store.delete("operations/a");
    await keep(store, running("a"));
    assert.equal(await store.deleteExpired(NOON_MS, 10), 0);
    assertSame(await store.get("operations/a"), running("a"));
  },

  "gives the name of one that expired to a new operation": async (store) => {
    await keep(store, alreadyEnded("a", NOON_MS));
    await store.deleteExpired(NOON_MS, 10);
    await keep(store, running("a"));
    assertSame(await store.get("operations/a"), running("a"));
  },
};
