import { type StoredOperation, sizeOfMessage } from "../operation/stored-operation.ts";
import type { ListPosition, OperationStore } from "../store/operation-store.ts";

/** How many bytes of operations a page holds: most gRPC clients take no answer of more than 4 MiB. */
const PAGE_BYTES = 3 * 1024 * 1024;

/** How many operations are read at first, and how many times as many then: large ones are not read in vain. */
const FIRST_READ = 51;
const GROWTH = 4;

/** The operations of a page, and whether others stand behind it. */
export interface Page {
  readonly operations: readonly StoredOperation[];
  readonly hasMore: boolean;
}

/** Reads at most `size` operations, and fewer where they are large; but one at least, if there is one (AIP-158). */
export async function readPage(
  store: OperationStore,
  parent: string,
  size: number,
  after: ListPosition | undefined,
): Promise<Page> {
  const operations: StoredOperation[] = [];
  let bytes = 0;
  for (let read = FIRST_READ; ; read *= GROWTH) {
    // One more than the page shows: so the last page knows that it is the last.
    const limit = Math.min(read, size + 1 - operations.length);
    const found = await store.list({ parent, limit, after: operations.at(-1) ?? after });
    for (const stored of found) {
      bytes += sizeOfMessage(stored.message);
      const isFull = operations.length === size || (operations.length > 0 && bytes > PAGE_BYTES);
      if (isFull) return { operations, hasMore: true };
      operations.push(stored);
    }
    if (found.length < limit) return { operations, hasMore: false };
  }
}
