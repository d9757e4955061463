import { create } from "@bufbuild/protobuf";
import { type Any, anyPack, DurationSchema } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OperationMetadataSchema } from "../../gen/longrunning/v1/operation_metadata_pb.ts";
import { compileFilter } from "../../src/filter/filter.ts";
import type { StoredOperation } from "../../src/operation/stored-operation.ts";
import { type Reading, readPage } from "../../src/service/read-page.ts";
import { compareInList } from "../../src/store/list-order.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import type { ListPosition, OperationStore } from "../../src/store/operation-store.ts";
import { anyOf, ended, NOON_MS, running } from "../../src/testing/store-contract/sample-operations.ts";
import { usePostgres } from "../store/postgres/open-postgres-store.ts";
import { openEmptySqliteStore } from "../store/sqlite/open-sqlite-store.ts";

const postgres = usePostgres();

const TYPES = { metadata: [OperationMetadataSchema, DurationSchema], response: [] };
const PARENTS = ["", "p", "p/q"];
const PRINCIPALS = ["alice", "bob"];

const metadata: fc.Arbitrary<Any | undefined> = fc.constantFrom(
  undefined,
  anyPack(OperationMetadataSchema, create(OperationMetadataSchema, { message: "hello" })),
  anyPack(OperationMetadataSchema, create(OperationMetadataSchema, { message: "x" })),
  anyPack(DurationSchema, create(DurationSchema, { seconds: 3n })),
  anyOf("t/longrunning.v1.OperationMetadata", [255]),
  anyOf("", []),
);

const operation = fc
  .record({
    id: fc.constantFrom("a", "b", "c", "d"),
    parent: fc.constantFrom(...PARENTS),
    createTimeMs: fc.nat(5).map((ms) => NOON_MS + ms),
    principal: fc.constantFrom(undefined, ...PRINCIPALS),
    metadata,
    expireTimeMs: fc.option(fc.nat(5).map((ms) => NOON_MS + 5_000 + ms)),
    tookMs: fc.nat(3),
  })
  .map(({ id, expireTimeMs, tookMs, ...start }) => {
    const stored = running(id, start);
    if (expireTimeMs === null) return stored;
    return { ...ended(stored, expireTimeMs), revision: 1, endTimeMs: start.createTimeMs + tookMs };
  });

const operations = fc.uniqueArray(operation, { selector: ({ name }) => name, maxLength: 12, size: "max" });

/** Times between those at which operations were created and ended, and between those at which they expire. */
const time = fc
  .tuple(fc.constantFrom("00", "05"), fc.nat(50))
  .map(([seconds, tenths]) => `2026-01-01T12:00:${seconds}.00${String(tenths).padStart(2, "0")}Z`);
const comparator = fc.constantFrom("=", "!=", "<", "<=", ">", ">=", ":");
const restriction = fc.oneof(
  fc.tuple(comparator, time).map(([comparator, time]) => `create_time${comparator}${time}`),
  fc.tuple(comparator, time).map(([comparator, time]) => `end_time${comparator}${time}`),
  fc.tuple(comparator, time).map(([comparator, time]) => `expire_time${comparator}${time}`),
  fc.constantFrom(
    "name=operations/*",
    'name="operations/a*"',
    "name=p*",
    'name="p/operations/*b"',
    "name!=p*",
  ),
  fc.constantFrom("done=true", "done=false", "done!=true", "done:*", "end_time:*", "error:*"),
  fc.constantFrom("name=operations/a", "name:p/operations/b", "name=*a", "name!=p/operations/c", "name:*"),
  fc.constantFrom("metadata:*", "metadata.@type:*", 'metadata.@type="*/google.protobuf.Duration"'),
  fc.constantFrom("metadata.@type=type.googleapis.com/google.protobuf.Duration", 'metadata.@type=""'),
  fc.constantFrom("metadata.message=hello", "metadata.message!=hello", "metadata.seconds=3"),
  fc.constantFrom(
    "metadata.message=(NOT hello)",
    "metadata.message=(hello OR x)",
    "name=(operations/a OR b)",
  ),
);

const { filters } = fc.letrec<{ filters: string }>((tie) => ({
  filters: fc.oneof(
    { maxDepth: 3, depthSize: "small", withCrossShrink: true },
    restriction,
    fc.tuple(tie("filters"), tie("filters")).map((parts) => parts.map((part) => `(${part})`).join(" AND ")),
    fc.tuple(restriction, restriction).map((parts) => parts.join(" ")),
    fc.tuple(tie("filters"), tie("filters")).map((parts) => parts.map((part) => `(${part})`).join(" OR ")),
    tie("filters").map((part) => `NOT (${part})`),
  ),
}));

interface Asked {
  readonly filter: string;
  readonly parent: string | undefined;
  readonly principal: string | undefined;
  readonly size: number;
  readonly reading: Reading;
}

const questions: fc.Arbitrary<Asked> = fc.record({
  filter: fc.oneof({ weight: 8, arbitrary: filters }, fc.constant("")),
  parent: fc.constantFrom(undefined, ...PARENTS),
  principal: fc.constantFrom(undefined, undefined, ...PRINCIPALS),
  size: fc.integer({ min: 1, max: 4 }),
  // After a first read that fills no page, ranges are read, if they are not too large.
  reading: fc.record({ first: fc.constantFrom(1, 2, 51), mostInRange: fc.constantFrom(0, 2, 5_000) }),
});

/** What is asked for, of a plain array. */
function answerOf(kept: readonly StoredOperation[], { filter, parent, principal }: Asked): string[] {
  const compiled = compileFilter(filter, TYPES);
  return kept
    .filter((stored) => parent === undefined || stored.parent === parent)
    .filter((stored) => principal === undefined || stored.principal === principal)
    .filter((stored) => compiled?.matches(stored) ?? true)
    .toSorted(compareInList)
    .map(({ name }) => name);
}

/** The names on each page of a walk, but for a last page with none. */
async function pagesOf(store: OperationStore, asked: Asked): Promise<string[][]> {
  const filter = compileFilter(asked.filter, TYPES);
  const pages: string[][] = [];
  let after: ListPosition | undefined;
  do {
    const { operations, next } = await readPage(store, { ...asked, filter, after }, asked.reading);
    if (operations.length > 0) pages.push(operations.map(({ name }) => name));
    after = next;
  } while (after !== undefined);
  return pages;
}

function inPages(names: readonly string[], size: number): string[][] {
  const pages: string[][] = [];
  for (let at = 0; at < names.length; at += size) pages.push(names.slice(at, at + size));
  return pages;
}

describe.each<[string, () => Promise<OperationStore>, number]>([
  ["MemoryStore", async () => new MemoryStore(), 2_000],
  ["SqliteStore", openEmptySqliteStore, 100],
  ["PostgresStore", () => postgres.open(), 100],
])("over a %s", (_, open, numRuns) => {
  it("a filter is answered page by page as its evaluator says of each operation", {
    timeout: 60_000,
  }, async () => {
    await using store = await open();
    await fc.assert(
      fc.asyncProperty(
        operations,
        fc.array(questions, { minLength: 1, maxLength: 10 }),
        async (kept, asked) => {
          await Promise.all(kept.map((stored) => store.insert(stored)));
          const pages = await Promise.all(asked.map((one) => pagesOf(store, one)));
          const expected = asked.map((one) => inPages(answerOf(kept, one), one.size));
          await Promise.all(kept.map(({ name }) => store.delete(name)));
          expect(pages).toEqual(expected);
        },
      ),
      { numRuns, interruptAfterTimeLimit: 30_000 },
    );
  });
});
