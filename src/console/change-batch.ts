import type { Operation } from "../../gen/google/longrunning/operations_pb.ts";
import type { Clock } from "../time/clock.ts";
import type { Changes } from "./changes.ts";

/** Often enough for eyes, and seldom enough for a page on which a thousand operations change. */
const INTERVAL_MS = 100;

/** Gathers changes, and tells of them together: of each operation the latest state alone. */
export class ChangeBatch {
  readonly #clock: Clock;
  readonly #tell: (changes: Changes) => void;
  #snapshot: readonly Operation[] | undefined;
  #changed = new Map<string, Operation | undefined>();
  #callOff: (() => void) | undefined;

  constructor(clock: Clock, tell: (changes: Changes) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** An operation is new or has changed. */
  add(operation: Operation): void {
    this.#note(operation.name, operation);
  }

  /** An operation is gone. */
  remove(name: string): void {
    this.#note(name, undefined);
  }

  /** These are all. Tells of it at once. */
  replaceAll(operations: readonly Operation[]): void {
    this.#snapshot = operations;
    this.#changed.clear();
    this.flush();
  }

  /** Tells at once of what has come. */
  flush(): void {
    this.#callOff?.();
    this.#callOff = undefined;
    const changes = { snapshot: this.#snapshot, changed: this.#changed };
    this.#snapshot = undefined;
    this.#changed = new Map();
    if (changes.snapshot !== undefined || changes.changed.size > 0) this.#tell(changes);
  }

  /** Tells no more. */
  close(): void {
    this.#callOff?.();
  }

  #note(name: string, operation: Operation | undefined): void {
    // The latest change is the last.
    this.#changed.delete(name);
    this.#changed.set(name, operation);
    this.#callOff ??= this.#clock.after(INTERVAL_MS, () => this.flush());
  }
}
