import type { StoredOperation } from "../../operation/stored-operation.ts";

/** How much the cache holds: so much, however many operations are kept. */
const MOST_OPERATIONS = 10_000;
const MOST_BYTES = 32 * 1024 * 1024;

/** What an operation takes beside the bytes that it carries. */
const OVERHEAD_BYTES = 1_000;

interface Entry {
  readonly stored: StoredOperation;
  readonly bytes: number;
}

/** The operations that were used last, as they are kept: of those used longest ago, it forgets. */
export class OperationCache {
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  get(name: string): StoredOperation | undefined {
    const entry = this.#entries.get(name);
    if (entry === undefined) return undefined;
    // A Map remembers in which order its entries came.
    this.#entries.delete(name);
    this.#entries.set(name, entry);
    return entry.stored;
  }

  set(stored: StoredOperation): void {
    this.delete(stored.name);
    const entry = { stored, bytes: bytesOf(stored) };
    this.#entries.set(stored.name, entry);
    this.#bytes += entry.bytes;
    for (const name of this.#entries.keys()) {
      if (this.#entries.size <= MOST_OPERATIONS && this.#bytes <= MOST_BYTES) return;
      this.delete(name);
    }
  }

  delete(name: string): void {
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    this.#entries.delete(name);
    this.#bytes -= entry.bytes;
  }
}

function bytesOf({ message, work }: StoredOperation): number {
  const { metadata, result } = message;
  const inMetadata = metadata?.value.length ?? 0;
  const inInput = work?.input.value.length ?? 0;
  return OVERHEAD_BYTES + inMetadata + inInput + bytesOfResult(result);
}

function bytesOfResult(result: StoredOperation["message"]["result"]): number {
  if (result.case === undefined) return 0;
  if (result.case === "response") return result.value.value.length;
  return result.value.details.reduce((sum, { value }) => sum + value.length, result.value.message.length);
}
