import type { StoredOperation } from "../operation/stored-operation.ts";
import type { Transition } from "../operation/transition.ts";
import type { OperationStore } from "./operation-store.ts";

/**
 * Makes a transition, again where somebody else was quicker. Answers what the operation is now, or
 * undefined where none of that name is kept. Throws what the transition throws; then nothing has changed.
 */
export async function update(
  store: OperationStore,
  name: string,
  transition: Transition,
): Promise<StoredOperation | undefined> {
  for (;;) {
    const stored = await store.get(name);
    if (stored === undefined) return undefined;
    const changed = transition(stored);
    if (changed === stored) return stored;
    const next = { ...changed, revision: stored.revision + 1 };
    if (await store.replace(next)) return next;
  }
}
