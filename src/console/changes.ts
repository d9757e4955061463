import type { Operation } from "../../gen/google/longrunning/operations_pb.ts";

/** What has become of the operations on a page. */
export interface Changes {
  /** All that there are, in their order; undefined where only some have changed. */
  readonly snapshot: readonly Operation[] | undefined;
  /** Behind the snapshot: operations as they are now, by name, the oldest change first; undefined for one that is gone. */
  readonly changed: ReadonlyMap<string, Operation | undefined>;
}

/** The operations after the changes: each stays in its place, and what is new comes first. */
export function applied(operations: readonly Operation[], { snapshot, changed }: Changes): Operation[] {
  const before = snapshot ?? operations;
  const fresh = new Map(changed);
  const kept: Operation[] = [];
  for (const operation of before) {
    const { name } = operation;
    const next = fresh.has(name) ? fresh.get(name) : operation;
    fresh.delete(name);
    if (next !== undefined) kept.push(next);
  }
  const news = [...fresh.values()].filter((operation) => operation !== undefined);
  return [...news.reverse(), ...kept];
}
