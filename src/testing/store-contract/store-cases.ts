import assert from "node:assert/strict";
import type { OperationStore } from "../../store/operation-store.ts";

/** Sentences that hold for every store, each with its proof on an empty one. */
export type StoreCases = Readonly<Record<string, (store: OperationStore) => Promise<void>>>;

/** Asserts that the store keeps exactly one change of many made at once. */
export async function assertOneWins(changes: readonly Promise<boolean>[]): Promise<void> {
  const won = (await Promise.all(changes)).filter((changed) => changed);
  assert.equal(won.length, 1, `${won.length} of ${changes.length} changes were kept, and one may be`);
}
