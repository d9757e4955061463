import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { walksOf } from "../../../src/store/list-walks.ts";
import type { ListQuery } from "../../../src/store/operation-store.ts";
import { migrate } from "../../../src/store/sqlite/schema.ts";
import { shapes } from "../list-queries.ts";

const db = new DatabaseSync(":memory:");
migrate(db);

/** What SQLite would do for each walk of a List, beside walking along its index. */
function detoursOf(query: ListQuery): unknown[] {
  const walks = walksOf(query).flat();
  return walks.flatMap(({ index, where }) => {
    const values: (string | number)[] = [];
    const condition = where((value) => `?${values.push(value)}`);
    const plan = db
      .prepare(
        `explain query plan select * from operations indexed by ${index}
         where ${condition} order by create_time desc, name limit 50`,
      )
      .all(...values);
    const walk = new RegExp(`^(SEARCH|SCAN) operations USING INDEX ${index}( |$)`);
    return plan.map(({ detail }) => detail).filter((detail) => !walk.test(String(detail)));
  });
}

describe("a List in an SQLite file", () => {
  it.each(shapes)("is a walk along an index, in its order: $shape", ({ query }) => {
    expect(detoursOf(query)).toEqual([]);
  });
});
