import type { StoredOperation } from "../../../src/operation/stored-operation.ts";
import type { OperationStore } from "../../../src/store/operation-store.ts";
import { anyOf, ended, running } from "../../../src/testing/store-contract/sample-operations.ts";
import type { SequentialModel } from "../linearizability.ts";

/** When each operation of these histories may be forgotten, once it is done. */
export const EXPIRE_TIME_MS = 1_000;

/** What a client asks a store of one operation. The tag tells one write from another. */
export type StoreCommand =
  | { readonly call: "insert"; readonly tag: number }
  | { readonly call: "replace"; readonly tag: number; readonly revision: number; readonly done: boolean }
  | { readonly call: "get" | "list" | "getByRequest" | "delete" | "deleteSurplus" }
  | { readonly call: "deleteExpired"; readonly nowMs: number };

/** What is kept of the operation; null where it is not. */
export type Kept = null | { readonly revision: number; readonly tag: number; readonly done: boolean };

/** What a call answers: what it found, whether it did something, or how many it deleted. */
export type StoreAnswer = Kept | boolean | number;

/** Carries out a command on the operation of an ID. */
export async function ask(store: OperationStore, id: string, command: StoreCommand): Promise<StoreAnswer> {
  const { name } = running(id);
  switch (command.call) {
    case "insert":
      return store.insert(operation(id, { revision: 1, tag: command.tag, done: false }));
    case "replace":
      return store.replace(operation(id, command));
    case "get":
      return keptOf(await store.get(name));
    case "getByRequest":
      return keptOf(await store.getByRequest(id));
    case "list":
      return keptOf((await store.list({ parent: "", limit: 10 })).find((stored) => stored.name === name));
    case "delete":
      return store.delete(name);
    case "deleteExpired":
      return store.deleteExpired(command.nowMs, 10);
    case "deleteSurplus":
      return store.deleteSurplus(0, 10);
  }
}

/** A store of one operation at most, as it would be if all calls came one after another. */
export const storeModel: SequentialModel<Kept, StoreCommand, StoreAnswer> = {
  initial: null,
  step(kept, command) {
    switch (command.call) {
      case "insert":
        return kept === null
          ? { state: { revision: 1, tag: command.tag, done: false }, answer: true }
          : { state: kept, answer: false };
      case "replace": {
        const { revision, tag, done } = command;
        return kept !== null && kept.revision === revision - 1
          ? { state: { revision, tag, done }, answer: true }
          : { state: kept, answer: false };
      }
      case "delete":
        return { state: null, answer: kept !== null };
      case "deleteSurplus":
        return forget(kept, kept?.done === true);
      case "deleteExpired":
        return forget(kept, kept?.done === true && command.nowMs >= EXPIRE_TIME_MS);
      default:
        return { state: kept, answer: kept };
    }
  },
};

function forget(kept: Kept, isOver: boolean): { state: Kept; answer: number } {
  return isOver ? { state: null, answer: 1 } : { state: kept, answer: 0 };
}

function operation(id: string, { revision, tag, done }: NonNullable<Kept>): StoredOperation {
  const start = { metadata: anyOf("a/b.Tag", [tag]), request: { id, digest: "" } };
  const before = { ...running(id, start), revision: revision - 1 };
  return done ? ended(before, EXPIRE_TIME_MS) : { ...before, revision };
}

function keptOf(stored: StoredOperation | undefined): Kept {
  if (stored === undefined) return null;
  const { done, metadata } = stored.message;
  return { revision: stored.revision, tag: metadata?.value[0] ?? -1, done };
}
