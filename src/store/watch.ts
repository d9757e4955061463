import type { StoredOperation } from "../operation/stored-operation.ts";
import type { Clock } from "../time/clock.ts";
import { Bell } from "./bell.ts";
import type { OperationStore } from "./operation-store.ts";

/** How long a watch trusts the change hub before it looks by itself: an event may come late, twice, or never. */
export const RECHECK_MS = 30_000;

/** A watch from outside: whoever watches may stop it while it waits. */
export interface Watch extends AsyncIterable<StoredOperation> {
  /** Ends the iteration, also while it waits for a change. */
  stop(): void;
}

/**
 * Follows one operation: its state now, then after each change, until it is gone or the watch is stopped.
 * Changes that come quickly may be seen as one. Nothing is held before the first step of the iteration, and
 * nothing once it has ended.
 */
export function watch(store: OperationStore, name: string, clock: Clock): Watch {
  const bell = new Bell();
  let stopped = false;
  return {
    stop() {
      stopped = true;
      bell.ring();
    },
    async *[Symbol.asyncIterator]() {
      // Subscribe before the first read, so that no change falls in between.
      const unsubscribe = store.changes.subscribe(name, () => bell.ring());
      let seen = 0;
      try {
        while (!stopped) {
          const stored = await store.get(name);
          if (stored === undefined) return;
          if (stored.revision !== seen) yield stored;
          seen = stored.revision;
          if (stopped) return;
          const callOff = clock.after(RECHECK_MS, () => bell.ring());
          await bell.heard();
          callOff();
        }
      } finally {
        unsubscribe();
      }
    },
  };
}
