import { operationAlreadyExists, requestIdTaken } from "../operation/errors.ts";
import type { StoredOperation } from "../operation/stored-operation.ts";
import type { OperationStore } from "../store/operation-store.ts";
import type { Adopt, DoubtfulInserts } from "./doubtful-inserts.ts";

/** How often a request is tried whose earlier operation goes away while it is looked for. */
const TRIES = 3;

/**
 * Keeps a new operation, unless its request has started one before: then it answers that one, as it is now. `adopt`
 * sees to one that the store has kept though it said otherwise; `requestId` is what the caller knows the request by.
 *
 * Throws ALREADY_EXISTS where the request's ID was used for another content, and where the name is taken.
 */
export async function insertOnce(
  store: OperationStore,
  stored: StoredOperation,
  requestId: string,
  doubts: DoubtfulInserts,
  adopt: Adopt,
): Promise<{ readonly stored: StoredOperation; readonly isNew: boolean }> {
  for (let tries = 0; tries < TRIES; tries++) {
    if (await insert(store, stored, doubts, adopt)) return { stored, isNew: true };
    if (stored.request === undefined) break;
    const earlier = await store.getByRequest(stored.request.id);
    if (earlier === undefined) continue;
    if (earlier.request?.digest !== stored.request.digest) throw requestIdTaken(requestId);
    const settled = doubts.settled(earlier.name);
    if (settled === undefined) return { stored: earlier, isNew: false };
    await settled;
  }
  throw operationAlreadyExists(stored.name);
}

async function insert(
  store: OperationStore,
  stored: StoredOperation,
  doubts: DoubtfulInserts,
  adopt: Adopt,
): Promise<boolean> {
  try {
    return await store.insert(stored);
  } catch (error) {
    // The store may have kept it, and the answer been lost. The caller is told that it has not.
    doubts.settle(stored, adopt);
    throw error;
  }
}
