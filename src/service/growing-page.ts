import { type StoredOperation, sizeOfMessage } from "../operation/stored-operation.ts";
import type { ListPosition } from "../store/operation-store.ts";

/**
 * How many bytes of operations a page holds: more would keep the thread from everybody else for tens of milliseconds when
 * it is written as JSON, and most gRPC clients take no answer of more than 4 MiB. AIP-158 lets a page be short.
 */
const PAGE_BYTES = 1024 * 1024;

/** A page while it is read: in the order of a List, from a position on. */
export class GrowingPage {
  readonly operations: StoredOperation[] = [];
  readonly #size: number;
  readonly #isShown: (stored: StoredOperation) => boolean | Promise<boolean>;
  #bytes = 0;
  #last: ListPosition | undefined;

  /** A page of at most `size` operations, behind a position. */
  constructor(
    size: number,
    after: ListPosition | undefined,
    isShown: (stored: StoredOperation) => boolean | Promise<boolean>,
  ) {
    this.#size = size;
    this.#last = after;
    this.#isShown = isShown;
  }

  /** Behind it stands all that was not looked at. */
  get last(): ListPosition | undefined {
    return this.#last;
  }

  /** Takes what is to be shown of the operations that come next. Answers whether there was room for all of it. */
  async take(found: readonly StoredOperation[]): Promise<boolean> {
    for (const stored of found) {
      if (await this.#isShown(stored)) {
        this.#bytes += sizeOfMessage(stored.message);
        const { length } = this.operations;
        if (length === this.#size || (length > 0 && this.#bytes > PAGE_BYTES)) return false;
        this.operations.push(stored);
      }
      this.#last = stored;
    }
    return true;
  }
}
