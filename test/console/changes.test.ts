import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { type Operation, OperationSchema } from "../../gen/google/longrunning/operations_pb.ts";
import { ChangeBatch } from "../../src/console/change-batch.ts";
import { applied, type Changes } from "../../src/console/changes.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";

const PAGE = ["c", "b", "a"].map((name) => operation(name));

describe("a page of operations", () => {
  it("keeps each that has changed in its place", () => {
    expect(after({ changed: [operation("b", true)] })).toEqual([
      ["c", false],
      ["b", true],
      ["a", false],
    ]);
  });

  it("has what is new first, the newest before the others", () => {
    const changed = [operation("d"), operation("e")];
    expect(after({ changed }).map(([name]) => name)).toEqual(["e", "d", "c", "b", "a"]);
  });

  it("loses what is gone", () => {
    expect(after({ gone: ["b", "never there"] }).map(([name]) => name)).toEqual(["c", "a"]);
  });

  it("is what a snapshot says, and what came behind it", () => {
    const snapshot = [operation("z"), operation("y")];
    expect(after({ snapshot, changed: [operation("y", true)] })).toEqual([
      ["z", false],
      ["y", true],
    ]);
  });
});

describe("changes that come fast", () => {
  it("are told together, of each operation the last", () => {
    const { clock, batch, told } = openBatch();
    for (let i = 0; i < 1_000; i++) batch.add(operation(`operations/${i % 10}`, i >= 990));
    clock.advance(1_000);
    expect(told.map(({ changed }) => [...changed.values()].filter((one) => one?.done).length)).toEqual([10]);
  });

  it("are forgotten where a snapshot comes after them", () => {
    const { batch, told } = openBatch();
    batch.add(operation("old"));
    batch.replaceAll([operation("a")]);
    expect(told.flatMap((changes) => applied([], changes)).map(({ name }) => name)).toEqual(["a"]);
  });

  it("are told no more when nobody listens, and no timer is left", () => {
    const { clock, batch } = openBatch();
    batch.add(operation("a"));
    batch.close();
    expect(clock.pendingTimers).toBe(0);
  });
});

function openBatch() {
  const [clock, told] = [new FakeClock(), [] as Changes[]];
  return { clock, told, batch: new ChangeBatch(clock, (changes) => void told.push(changes)) };
}

function after(what: { snapshot?: Operation[]; changed?: Operation[]; gone?: string[] }) {
  const entries = [
    ...(what.changed ?? []).map((one) => [one.name, one] as const),
    ...(what.gone ?? []).map((name) => [name, undefined] as const),
  ];
  const changes = { snapshot: what.snapshot, changed: new Map(entries) };
  return applied(PAGE, changes).map(({ name, done }) => [name, done] as const);
}

function operation(name: string, done = false): Operation {
  return create(OperationSchema, { name, done });
}
