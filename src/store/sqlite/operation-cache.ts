import { type StoredOperation, sizeOfMessage } from "../../operation/stored-operation.ts";

/** How much each generation of the cache holds: so much, however many operations are kept. */
const MOST_OPERATIONS = 10_000;
const MOST_BYTES = 16 * 1024 * 1024;

/** What an operation takes beside the bytes that it carries. */
const OVERHEAD_BYTES = 1_000;

/**
 * The operations that were used last, as they are kept: of those used longest ago, it forgets. What is used goes
 * into the young generation; when that is full, it becomes the old one, and what was old goes. So no Map is
 * emptied from its front, which costs more with every entry that went.
 */
export class OperationCache {
  #young = new Map<string, StoredOperation>();
  #old = new Map<string, StoredOperation>();
  #youngBytes = 0;

  get(name: string): StoredOperation | undefined {
    const young = this.#young.get(name);
    if (young !== undefined) return young;
    const old = this.#old.get(name);
    if (old !== undefined) this.set(old);
    return old;
  }

  set(stored: StoredOperation): void {
    this.delete(stored.name);
    this.#young.set(stored.name, stored);
    this.#youngBytes += bytesOf(stored);
    if (this.#young.size < MOST_OPERATIONS && this.#youngBytes < MOST_BYTES) return;
    this.#old = this.#young;
    this.#young = new Map();
    this.#youngBytes = 0;
  }

  delete(name: string): void {
    const young = this.#young.get(name);
    if (young !== undefined) {
      this.#young.delete(name);
      this.#youngBytes -= bytesOf(young);
    } else {
      this.#old.delete(name);
    }
  }
}

function bytesOf({ message, work }: StoredOperation): number {
  return OVERHEAD_BYTES + sizeOfMessage(message) + (work?.input.value.length ?? 0);
}
