import type { StoredOperation } from "../operation/stored-operation.ts";
import type { Transition } from "../operation/transition.ts";
import type { ClaimQuery, OperationStore } from "./operation-store.ts";

/** Claims by compare-and-swap: for stores of one process, in which hardly anybody claims at the same time. */
export async function claimBySwapping(
  store: Pick<OperationStore, "orphans" | "replace">,
  { handler, limit, name }: ClaimQuery,
  transition: Transition,
): Promise<readonly StoredOperation[]> {
  const claimed: StoredOperation[] = [];
  const orphans = await store.orphans({ handlers: [handler], limit, name });
  const swapping = orphans.map(async (orphan) => {
    const next = { ...transition(orphan), revision: orphan.revision + 1 };
    if (await store.replace(next)) claimed.push(next);
  });
  const results = await Promise.allSettled(swapping);
  for (const result of results) if (result.status === "rejected") throw result.reason;
  return claimed;
}
