import assert from "node:assert/strict";
import type { OperationStore, RangeQuery } from "../../store/operation-store.ts";
import { alreadyEnded, keep, NOON_MS, running } from "./sample-operations.ts";
import type { StoreCases } from "./store-cases.ts";

/** Asks for a range. A store without an index of it says so, and is asked no more. */
function lists(query: Partial<RangeQuery> & Pick<RangeQuery, "range">, names: readonly string[] | undefined) {
  return async (store: OperationStore) => {
    await keep(
      store,
      running("b", { createTimeMs: NOON_MS }),
      running("a1", { createTimeMs: NOON_MS + 1 }),
      running("a2", { createTimeMs: NOON_MS + 2 }),
      running("a3", { createTimeMs: NOON_MS + 2, parent: "p" }),
      alreadyEnded("d", NOON_MS + 10),
      alreadyEnded("c", NOON_MS + 20),
      alreadyEnded("e", NOON_MS + 30),
    );
    const listed = await store.listInRange({ most: 3, limit: 100, ...query });
    if (listed === undefined) return;
    assert.deepEqual(
      listed.map(({ name }) => name),
      names,
    );
  };
}

const named = (prefix: string) => ({ of: "name", prefix }) as const;
const sinceEnded = (parent: string, fromMs: number) => ({ of: "endTime", parent, fromMs }) as const;
const expiring = (fromMs?: number, untilMs?: number) => ({ of: "expireTime", fromMs, untilMs }) as const;

/** Ranges of another order than that of a List. */
export const rangeCases: StoreCases = {
  "lists those whose names begin so, newest first": lists({ range: named("operations/a") }, [
    "operations/a2",
    "operations/a1",
  ]),

  "lists those of a parent whose names begin so": lists({ range: named("p/") }, ["p/operations/a3"]),

  "lists nothing where no name begins so": lists({ range: named("operations/A") }, []),

  "lists those that expire until a time": lists({ range: expiring(undefined, NOON_MS + 20) }, [
    "operations/c",
    "operations/d",
  ]),

  "lists those that expire from a time on": lists({ range: expiring(NOON_MS + 20) }, [
    "operations/c",
    "operations/e",
  ]),

  "lists those of a parent that ended from a time on": lists({ range: sinceEnded("", NOON_MS + 1_000) }, [
    "operations/c",
    "operations/d",
    "operations/e",
  ]),

  "lists nothing where nothing of a parent has ended since": async (store) => {
    const nothing: string[] = [];
    await lists({ range: sinceEnded("", NOON_MS + 1_001) }, nothing)(store);
    for (const parent of ["p", "operations"]) {
      const listed = await store.listInRange({ range: sinceEnded(parent, NOON_MS), most: 3, limit: 100 });
      if (listed !== undefined) assert.deepEqual(listed, nothing);
    }
  },

  "lists no more of a range than are asked for": lists({ range: expiring(NOON_MS), limit: 2 }, [
    "operations/c",
    "operations/d",
  ]),

  "takes up in a range behind a position": lists(
    { range: named("operations/"), most: 6, after: { createTimeMs: NOON_MS, name: "operations/b" } },
    ["operations/c", "operations/d", "operations/e"],
  ),

  "lists nothing of a range with more than may be": async (store) => {
    await lists({ range: named("operations/a"), most: 2 }, ["operations/a2", "operations/a1"])(store);
    assert.equal(await store.listInRange({ range: named("operations/"), most: 5, limit: 100 }), undefined);
  },
};
