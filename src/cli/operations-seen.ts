import { equals } from "@bufbuild/protobuf";
import { type Operation, OperationSchema } from "../../gen/google/longrunning/operations_pb.ts";
import type { OperationChanges } from "./operation-changes.ts";

/** What has been told of operations: so that nothing is told again that is as it was. */
export class OperationsSeen {
  #known: Map<string, Operation> | undefined;

  /**
   * What is other than before, now that these are there; the first time, all of them. Nothing is gone where there
   * may be more than these.
   */
  all(listed: readonly Operation[], { areMore = false } = {}): OperationChanges | undefined {
    const [before, now] = [this.#known, new Map(listed.map((operation) => [operation.name, operation]))];
    this.#known = now;
    const changed = listed.filter((operation) => !isSame(operation, before?.get(operation.name)));
    const gone = areMore ? [] : [...(before?.keys() ?? [])].filter((name) => !now.has(name));
    return before === undefined || changed.length > 0 || gone.length > 0 ? { changed, gone } : undefined;
  }

  /** What is other than before, now that one operation is like this. */
  one(operation: Operation): OperationChanges | undefined {
    const before = this.#known?.get(operation.name);
    this.#known?.set(operation.name, operation);
    return isSame(operation, before) ? undefined : { changed: [operation], gone: [] };
  }

  /** What is other than before, now that one operation is there no more. */
  gone(name: string): OperationChanges | undefined {
    return this.#known?.delete(name) ? { changed: [], gone: [name] } : undefined;
  }
}

function isSame(one: Operation, other: Operation | undefined): boolean {
  return other !== undefined && equals(OperationSchema, one, other);
}
