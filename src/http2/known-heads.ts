import type { HeaderDecoder } from "./header-decoder.ts";
import type { HeaderField } from "./header-field.ts";
import { plainHead, type RequestHead } from "./request-head.ts";

/** A block longer than this says something by itself: with indexes alone, a request takes some ten bytes. */
const LONGEST_BYTES = 64;

/** How many different requests a connection makes again and again. */
const MOST_HEADS = 16;

/** What a header block says. */
export interface DecodedHead {
  readonly fields: readonly HeaderField[] | undefined;
  /** Undefined where they are no plain request; and so are the fields where they are too many. */
  readonly head: RequestHead | undefined;
}

/**
 * The header blocks of a connection's requests. Clients name what they have said before by index, so that nearly every
 * request has the same few bytes as one before: what they mean is known as long as the header table is the same.
 */
export class KnownHeads {
  readonly #decoder: HeaderDecoder;
  readonly #known = new Map<string, DecodedHead>();
  #changes = 0;

  constructor(decoder: HeaderDecoder) {
    this.#decoder = decoder;
  }

  /** What a block says. Throws a ConnectionFault for what is none. */
  decode(bytes: Buffer, from: number, to: number): DecodedHead {
    if (to - from > LONGEST_BYTES) return this.#read(bytes, from, to);
    if (this.#decoder.changes !== this.#changes || this.#known.size >= MOST_HEADS) {
      this.#known.clear();
      this.#changes = this.#decoder.changes;
    }
    const block = bytes.toString("latin1", from, to);
    const known = this.#known.get(block);
    if (known !== undefined) return known;
    const decoded = this.#read(bytes, from, to);
    // A block that has changed the table means something else the next time.
    if (this.#decoder.changes === this.#changes) this.#known.set(block, decoded);
    return decoded;
  }

  #read(bytes: Buffer, from: number, to: number): DecodedHead {
    const fields = this.#decoder.decode(bytes, from, to);
    return { fields, head: fields && plainHead(fields) };
  }
}
