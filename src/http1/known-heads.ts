import { type PlainHead, plainHead } from "./plain-head.ts";

/** A head longer than this is read each time: it is no more than all others together say. */
const LONGEST = 1_024;

/** How many different heads are known. */
const MOST = 256;

/** The heads of a server's requests. A client sends nearly always the same, to the letter. */
export class KnownHeads {
  readonly #known = new Map<string, PlainHead>();

  /** What a head says; undefined where it is not plain. */
  of(text: string): PlainHead | undefined {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const head = plainHead(text);
    if (head === undefined || text.length > LONGEST) return head;
    if (this.#known.size === MOST) this.#known.clear();
    this.#known.set(text, head);
    return head;
  }
}
