import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareBytewise } from "../../src/operation/bytewise.ts";
import type { StoredOperation } from "../../src/operation/stored-operation.ts";
import { compareInList } from "../../src/store/list-order.ts";
import type { OperationStore, RangeQuery } from "../../src/store/operation-store.ts";
import { prefixEnd } from "../../src/store/prefix-end.ts";
import { ended, NOON_MS, running } from "../../src/testing/store-contract/sample-operations.ts";
import { usePostgres } from "./postgres/open-postgres-store.ts";
import { openEmptySqliteStore } from "./sqlite/open-sqlite-store.ts";

const postgres = usePostgres();

const ids = fc.string({
  unit: fc.constantFrom("a", "b", "\u007f", "é", "\ud7ff", "\ue000", "\uffff", "😀", "\u{10ffff}"),
  minLength: 1,
  maxLength: 3,
});
const time = fc.nat(4).map((ms) => NOON_MS + 5_000 + ms);

const parent = fc.constantFrom("", "p");

const operations: fc.Arbitrary<readonly StoredOperation[]> = fc.uniqueArray(
  fc.tuple(ids, parent, fc.nat(3), fc.option(time), time).map(([id, parent, ms, expireTimeMs, endTimeMs]) => {
    const stored = running(id, { parent, createTimeMs: NOON_MS + ms });
    return expireTimeMs === null ? stored : { ...ended(stored, expireTimeMs), revision: 1, endTimeMs };
  }),
  { selector: ({ name }) => name, maxLength: 20, size: "max" },
);

const queries: fc.Arbitrary<RangeQuery> = fc.record({
  range: fc.oneof(
    ids.map((id) => ({ of: "name", prefix: `operations/${id}` }) as const),
    fc.constantFrom({ of: "name", prefix: "o" } as const, { of: "name", prefix: "\u{10ffff}" } as const),
    fc.record({
      of: fc.constant("expireTime" as const),
      fromMs: fc.option(time, { nil: undefined }),
      untilMs: fc.option(time, { nil: undefined }),
    }),
    fc.record({
      of: fc.constant("endTime" as const),
      parent,
      fromMs: fc.option(time, { nil: undefined }),
      untilMs: fc.option(time, { nil: undefined }),
    }),
  ),
  most: fc.nat(20),
  limit: fc.integer({ min: 1, max: 5 }),
  after: fc.option(
    fc.record({
      createTimeMs: fc.nat(3).map((ms) => NOON_MS + ms),
      name: ids.map((id) => `operations/${id}`),
    }),
    { nil: undefined },
  ),
});

/** What a range is by its contract, of a plain array. */
function namesIn(kept: readonly StoredOperation[], { range, most, limit, after }: RangeQuery) {
  const found = kept.filter(({ name, parent, expireTimeMs, endTimeMs }) => {
    if (range.of === "name") return name.startsWith(range.prefix);
    const { fromMs = -Infinity, untilMs = Infinity } = range;
    const timeMs = range.of === "endTime" ? endTimeMs : expireTimeMs;
    const isThere = range.of === "expireTime" || range.parent === parent;
    return isThere && timeMs !== undefined && timeMs >= fromMs && timeMs <= untilMs;
  });
  if (found.length > most) return undefined;
  return found
    .filter((stored) => after === undefined || compareInList(stored, after) > 0)
    .toSorted(compareInList)
    .slice(0, limit)
    .map(({ name }) => name);
}

describe.each<[string, () => Promise<OperationStore>]>([
  ["SqliteStore", openEmptySqliteStore],
  ["PostgresStore", () => postgres.open()],
])("a %s, whatever it keeps", (_, open) => {
  it("lists a range as a plain array would", { timeout: 60_000 }, async () => {
    await using store = await open();
    await fc.assert(
      fc.asyncProperty(operations, fc.array(queries, { maxLength: 8 }), async (kept, asked) => {
        await Promise.all(kept.map((stored) => store.insert(stored)));
        const listed = await Promise.all(asked.map((query) => store.listInRange(query)));
        await Promise.all(kept.map(({ name }) => store.delete(name)));
        const names = listed.map((some) => some?.map(({ name }) => name));
        expect(names).toEqual(asked.map((query) => namesIn(kept, query)));
      }),
      { numRuns: 100, interruptAfterTimeLimit: 30_000 },
    );
  });
});

describe("the end of a prefix", () => {
  it("stands behind all that begin so, and before all others that are behind it", () => {
    const property = fc.property(ids, ids, (prefix, text) => {
      const end = prefixEnd(prefix);
      const isBetween =
        compareBytewise(text, prefix) >= 0 && (end === undefined || compareBytewise(text, end) < 0);
      expect(isBetween).toBe(text.startsWith(prefix));
    });
    fc.assert(property, { numRuns: 3_000 });
  });
});
