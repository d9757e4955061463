import { type StoredOperation, sizeOfMessage } from "../operation/stored-operation.ts";
import type { ListPosition } from "../store/operation-store.ts";
import type { Turns } from "./turns.ts";

/**
 * How many bytes of operations a page holds: more would keep the thread from everybody else for tens of milliseconds when
 * it is written as JSON, and most gRPC clients take no answer of more than 4 MiB. AIP-158 lets a page be short.
 */
const PAGE_BYTES = 1024 * 1024;

/** So many operations are looked at in one turn, which takes milliseconds where a filter asks for much. */
const LOOKS_IN_A_TURN = 100;

/** About as long as to look at one operation it takes to unpack so many bytes, or to search so many for one text. */
const UNPACKED_IN_A_LOOK = 16 * 1024;
const SEARCHED_IN_A_LOOK = 1024;

/** A page ends with what it has after what takes as long as so many looks: some tenths of a second. */
const MOST_LOOKS = 20_000;

/** How a page looks at operations. */
export interface Looks {
  /** Others are answered between many. */
  readonly turns: Pick<Turns, "next">;
  /** How often it searches all of a text in one of them. */
  readonly searches: number;
}

/** A page while it is read: in the order of a List, from a position on. */
export class GrowingPage {
  readonly operations: StoredOperation[] = [];
  readonly #size: number;
  readonly #isShown: (stored: StoredOperation) => boolean | Promise<boolean>;
  readonly #how: Looks | undefined;
  #looks = 0;
  #looksInTurn = 0;
  #bytes = 0;
  #last: ListPosition | undefined;

  /** A page of at most `size` operations, behind a position. Where nothing says how to look at them, that costs nothing. */
  constructor(
    size: number,
    after: ListPosition | undefined,
    isShown: (stored: StoredOperation) => boolean | Promise<boolean>,
    how?: Looks,
  ) {
    this.#size = size;
    this.#last = after;
    this.#isShown = isShown;
    this.#how = how;
  }

  /** Behind it stands all that was not looked at. */
  get last(): ListPosition | undefined {
    return this.#last;
  }

  /** Takes what is to be shown of the operations that come next. Answers whether there was room, and time, for all of it. */
  async take(found: readonly StoredOperation[]): Promise<boolean> {
    for (const stored of found) {
      if (this.#how !== undefined && !(await this.#mayLook(stored, this.#how))) return false;
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

  /** Resolves when it may look at one more, with whether it may. At one at least it may: so every walk comes to its end. */
  async #mayLook({ message }: StoredOperation, { turns, searches }: Looks): Promise<boolean> {
    const bytes = sizeOfMessage(message);
    const looks = 1 + bytes / UNPACKED_IN_A_LOOK + (bytes * searches) / SEARCHED_IN_A_LOOK;
    if (this.#looks > 0 && this.#looks + looks > MOST_LOOKS) return false;
    this.#looks += looks;
    this.#looksInTurn += looks;
    if (this.#looksInTurn > LOOKS_IN_A_TURN) {
      this.#looksInTurn = looks;
      await turns.next();
    }
    return true;
  }
}
