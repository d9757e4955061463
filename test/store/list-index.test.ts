import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareInList } from "../../src/store/list-order.ts";
import { ListIndex } from "../../src/store/memory/list-index.ts";
import type { ListPosition } from "../../src/store/operation-store.ts";

/** A list index that is nothing but a sorted array. */
class NaiveIndex {
  positions: ListPosition[] = [];

  add(position: ListPosition): void {
    this.positions = [...this.positions, position].sort(compareInList);
  }

  remove(position: ListPosition): void {
    this.positions = this.positions.filter((kept) => compareInList(kept, position) !== 0);
  }

  after(position: ListPosition): ListPosition[] {
    return this.positions.filter((kept) => compareInList(kept, position) > 0);
  }

  has(position: ListPosition): boolean {
    return this.positions.some((kept) => compareInList(kept, position) === 0);
  }
}

// So few that they meet: the same time, the same name at another time, a removed one added again.
const position: fc.Arbitrary<ListPosition> = fc.record({
  createTimeMs: fc.nat(5),
  name: fc.constantFrom("a", "b", "ab", "\uffff", "😀"),
});

/** Adds each position that is not in the index, and removes each that is. */
function toggled(toggles: readonly ListPosition[]): { index: ListIndex; naive: NaiveIndex } {
  const index = new ListIndex();
  const naive = new NaiveIndex();
  for (const toggle of toggles) {
    const change = naive.has(toggle) ? "remove" : "add";
    index[change](toggle);
    naive[change](toggle);
  }
  return { index, naive };
}

function positionsOf(listed: Iterable<ListPosition>): ListPosition[] {
  return Array.from(listed, ({ createTimeMs, name }) => ({ createTimeMs, name }));
}

function numbered(length: number): ListPosition[] {
  return Array.from({ length }, (_, createTimeMs) => ({ createTimeMs, name: "a" }));
}

/** How much memory is in use once everything that nobody holds is gone. */
function heapBytes(): number {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc");
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

const toggles = fc.array(position, { maxLength: 200, size: "max" });

describe("ListIndex", () => {
  it("lists what a sorted array lists, whatever was added and removed", () => {
    fc.assert(
      fc.property(toggles, (toggles) => {
        const { index, naive } = toggled(toggles);
        expect(positionsOf(index.after(undefined))).toEqual(naive.positions);
      }),
    );
  });

  it("takes up where a sorted array does, whether or not the position is in it", () => {
    fc.assert(
      fc.property(toggles, position, (toggles, after) => {
        const { index, naive } = toggled(toggles);
        expect(positionsOf(index.after(after))).toEqual(naive.after(after));
      }),
    );
  });

  it("is as large as a sorted array", () => {
    fc.assert(
      fc.property(toggles, (toggles) => {
        const { index, naive } = toggled(toggles);
        expect(index.size).toBe(naive.positions.length);
      }),
    );
  });

  it("lists on while others come and go", () => {
    fc.assert(
      fc.property(toggles, toggles, fc.nat(20), (before, meanwhile, shown) => {
        const { index, naive } = toggled(before);
        const gone = new Set<string>();
        const listed: string[] = [];
        for (const { createTimeMs, name } of index.after(undefined)) {
          listed.push(`${createTimeMs} ${name}`);
          if (listed.length !== shown) continue;
          for (const removed of meanwhile.filter((position) => naive.has(position))) {
            naive.remove(removed);
            index.remove(removed);
            gone.add(`${removed.createTimeMs} ${removed.name}`);
          }
        }
        const stayed = naive.positions.map(({ createTimeMs, name }) => `${createTimeMs} ${name}`);
        expect(listed.filter((position) => !gone.has(position))).toEqual(stayed);
      }),
    );
  });

  it("is empty again once everything is removed, in whatever order", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(numbered(50), { minLength: 50 }), (order) => {
        const { index } = toggled([...numbered(50), ...order]);
        expect([index.size, ...index.after(undefined)]).toEqual([0]);
      }),
    );
  });

  it.each([49, 50, 51, 52])(
    "lists the rest after %i of 100 are removed, about where it tidies up",
    (count) => {
      const { index } = toggled([...numbered(100), ...numbered(count)]);
      const rest = numbered(100).slice(count).reverse();
      expect(positionsOf(index.after(undefined))).toEqual(rest);
    },
  );

  it("ignores the removal of what was removed before", () => {
    const { index } = toggled(numbered(10));
    index.remove({ createTimeMs: 3, name: "a" });
    index.remove({ createTimeMs: 3, name: "a" });
    expect(index.size).toBe(9);
  });

  it("keeps no room for those that came and went", () => {
    const { index } = toggled(numbered(10));
    const comeAndGo = (count: number) => {
      for (let i = 0; i < count; i++) {
        const position = { createTimeMs: i, name: `${i}`.padStart(500, "operations/") };
        index.add(position);
        index.remove(position);
      }
    };
    comeAndGo(1_000);
    const before = heapBytes();
    comeAndGo(50_000);
    expect(heapBytes() - before).toBeLessThan(5_000_000);
  });

  it("ignores the removal of what is not in it", () => {
    const { index } = toggled(numbered(3));
    index.remove({ createTimeMs: 1, name: "b" });
    expect(index.size).toBe(3);
  });
});
