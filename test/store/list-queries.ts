import fc from "fast-check";
import { metadataTypeOf } from "../../src/operation/metadata-type.ts";
import type { StoredOperation } from "../../src/operation/stored-operation.ts";
import { compareInList } from "../../src/store/list-order.ts";
import type { ListPosition, ListQuery, OperationStore } from "../../src/store/operation-store.ts";
import { anyOf, ended, NOON_MS, running } from "../../src/testing/store-contract/sample-operations.ts";

const PARENTS = ["", "p", "p/q", "P"];
const PRINCIPALS = ["alice", "Alice", "bob", ""];
const TYPES = ["x.Y", "x.Z", ""];
const IDS = ["a", "b", "ab", "é", "\uff5a", "😀"];

const time = fc.nat(6).map((ms) => NOON_MS + ms);

/** Operations, of which many are alike in this or that. */
export const operations: fc.Arbitrary<readonly StoredOperation[]> = fc.uniqueArray(
  fc
    .record({
      id: fc.constantFrom(...IDS),
      parent: fc.constantFrom(...PARENTS),
      createTimeMs: time,
      principal: fc.constantFrom(undefined, ...PRINCIPALS),
      type: fc.constantFrom(undefined, ...TYPES),
      done: fc.boolean(),
    })
    .map(({ id, type, done, ...start }) => {
      const metadata = type === undefined ? undefined : anyOf(`type.example.com/${type}`, [1]);
      const stored = running(id, { ...start, metadata });
      return done ? { ...ended(stored, NOON_MS), revision: 1 } : stored;
    }),
  { selector: ({ name }) => name, maxLength: 30, size: "max" },
);

const range = {
  createdFromMs: fc.option(time, { nil: undefined }),
  createdUntilMs: fc.option(time, { nil: undefined }),
};
const ofRunning = fc.constant({ by: "done", value: false } as const);
const byPrincipal = fc.record({
  by: fc.constant("principal" as const),
  value: fc.constantFrom(...PRINCIPALS),
});
const byType = fc.record({ by: fc.constant("metadataType" as const), value: fc.constantFrom(...TYPES) });
const none = fc.constant(undefined);

/** What is asked for, whatever the page. */
export const queries: fc.Arbitrary<ListQuery> = fc.oneof(
  fc.record({
    parent: fc.constantFrom(...PARENTS, "none"),
    limit: fc.integer({ min: 1, max: 8 }),
    only: fc.oneof(none, ofRunning, byType),
    ...range,
  }),
  fc.record({
    parent: none,
    limit: fc.integer({ min: 1, max: 8 }),
    only: fc.oneof(none, byPrincipal),
    ...range,
  }),
);

/** What a List is by its contract, of a plain array. */
export function listOf(kept: readonly StoredOperation[], query: ListQuery): StoredOperation[] {
  const {
    parent,
    only,
    createdFromMs = Number.NEGATIVE_INFINITY,
    createdUntilMs = Number.POSITIVE_INFINITY,
  } = query;
  const meets = (stored: StoredOperation) =>
    only === undefined ||
    (only.by === "done" && !stored.message.done) ||
    (only.by === "principal" && stored.principal === only.value) ||
    (only.by === "metadataType" && metadataTypeOf(stored) === only.value);
  return kept
    .filter((stored) => parent === undefined || stored.parent === parent)
    .filter(({ createTimeMs }) => createTimeMs >= createdFromMs && createTimeMs <= createdUntilMs)
    .filter(meets)
    .toSorted(compareInList);
}

/** The names on each page of a walk, to its end. */
export async function pagesOf(store: OperationStore, query: ListQuery): Promise<string[][]> {
  const pages: string[][] = [];
  for (let after: ListPosition | undefined; ; ) {
    const page = await store.list({ ...query, after });
    pages.push(page.map(({ name }) => name));
    after = page.at(-1);
    if (page.length < query.limit || after === undefined) return pages;
  }
}

/** The pages that a walk is to have. */
export function expectedPages(kept: readonly StoredOperation[], query: ListQuery): string[][] {
  const names = listOf(kept, query).map(({ name }) => name);
  const pages: string[][] = [];
  for (let at = 0; at <= names.length; at += query.limit) pages.push(names.slice(at, at + query.limit));
  return pages;
}

const conditions = [
  undefined,
  { by: "done", value: false },
  { by: "principal", value: "alice" },
  { by: "metadataType", value: "x.Y" },
] as const;
const ranges = {
  "all times": {},
  "times from": { createdFromMs: NOON_MS },
  "times until": { createdUntilMs: NOON_MS + 2_000 },
  "times between": { createdFromMs: NOON_MS, createdUntilMs: NOON_MS + 2_000 },
} as const;
const positions = {
  "first page": undefined,
  "next page": { createTimeMs: NOON_MS + 1_000, name: "operations/a" },
};

/** Every kind of List that there is. */
export const shapes: readonly { readonly shape: string; readonly query: ListQuery }[] = [
  "",
  "p",
  undefined,
].flatMap((parent) =>
  conditions
    .filter((only) => only === undefined || (parent === undefined) === (only.by === "principal"))
    .flatMap((only) =>
      Object.entries(ranges).flatMap(([times, range]) =>
        Object.entries(positions).map(([page, after]) => ({
          shape: `${parent === undefined ? "every parent" : `parent "${parent}"`}, ${only?.by ?? "all"}, ${times}, ${page}`,
          // A parent with a condition that it has no index of is left out above.
          query: { parent, only, after, limit: 51, ...range } as ListQuery,
        })),
      ),
    ),
);
