import type { OperationAccess } from "../access/operation-access.ts";
import type { Filter } from "../filter/filter.ts";
import { type StoredOperation, sizeOfMessage } from "../operation/stored-operation.ts";
import type { ListPosition, OperationStore } from "../store/operation-store.ts";

/** How many bytes of operations a page holds: most gRPC clients take no answer of more than 4 MiB. */
const PAGE_BYTES = 3 * 1024 * 1024;

/** How many operations are read at first, and how many times as many then: large ones are not read in vain. */
const FIRST_READ = 51;
const GROWTH = 4;

/** How many operations one page looks at, and at least: where a filter lets few through, pages are short (AIP-158). */
const SCAN_BUDGET = 5_000;

/** Which page is asked for. */
export interface PageQuery {
  readonly parent: string;
  /** At most so many operations. */
  readonly size: number;
  /** Only those behind this position. */
  readonly after: ListPosition | undefined;
  /** Only what matches; undefined for all. */
  readonly filter: Filter | undefined;
  /** Only what the caller may see; undefined for all. */
  readonly access?: OperationAccess | undefined;
}

/** The operations of a page, and behind which position the next one begins; undefined where there is none. */
export interface Page {
  readonly operations: readonly StoredOperation[];
  readonly next: ListPosition | undefined;
}

/**
 * Reads at most `size` operations, and fewer where they are large or few match; without a filter one at least, if there
 * is one (AIP-158).
 */
export async function readPage(store: OperationStore, query: PageQuery): Promise<Page> {
  const { parent, size, filter, access } = query;
  const isSelective = filter !== undefined || access !== undefined;
  const operations: StoredOperation[] = [];
  let bytes = 0;
  let scanned = 0;
  let last = query.after;
  for (let read = FIRST_READ; ; read *= GROWTH) {
    // One more than the page shows: so the last page knows that it is the last.
    const most = !isSelective ? size + 1 - operations.length : SCAN_BUDGET - scanned;
    const limit = Math.min(read, most);
    const found = await store.list({ parent, limit, after: last });
    for (const stored of found) {
      const isShown =
        filter?.matches(stored) !== false && (access === undefined || (await access.shows(stored)));
      if (isShown) {
        bytes += sizeOfMessage(stored.message);
        const isFull = operations.length === size || (operations.length > 0 && bytes > PAGE_BYTES);
        if (isFull) return { operations, next: last };
        operations.push(stored);
      }
      last = stored;
    }
    scanned += found.length;
    if (found.length < limit) return { operations, next: undefined };
    if (isSelective && scanned >= SCAN_BUDGET) return { operations, next: last };
  }
}
