import type { HeaderDecoder } from "./header-decoder.ts";
import type { HeaderField } from "./header-field.ts";
import { plainHead, type RequestHead } from "./request-head.ts";

/** A block longer than this says something by itself: with indexes alone, a request takes some ten bytes. */
const SHORT_BYTES = 64;

/** How many different requests a connection makes again and again. */
const MOST_HEADS = 16;

/** Many clients never index a credential, and say all of it with each request. Longer blocks are read each time. */
const LONG_BYTES = 2_048;

/** How many different ones of those are known. */
const MOST_LONG_HEADS = 2;

/** After so many different ones in a row, a client says something else each time: none is remembered any more. */
const MOST_MISSES = 16;

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
  /** The last long ones, the latest first. */
  #long: readonly { readonly block: Buffer; readonly decoded: DecodedHead }[] = [];
  /** How many long ones have come since one was known. */
  #misses = 0;
  #changes = 0;

  constructor(decoder: HeaderDecoder) {
    this.#decoder = decoder;
  }

  /** What a block says. Throws a ConnectionFault for what is none. */
  decode(bytes: Buffer, from: number, to: number): DecodedHead {
    if (to - from > LONG_BYTES) return this.#read(bytes, from, to);
    if (this.#decoder.changes !== this.#changes) {
      this.#known.clear();
      this.#long = [];
      this.#changes = this.#decoder.changes;
    }
    return to - from > SHORT_BYTES ? this.#decodeLong(bytes, from, to) : this.#decodeShort(bytes, from, to);
  }

  #decodeShort(bytes: Buffer, from: number, to: number): DecodedHead {
    if (this.#known.size >= MOST_HEADS) this.#known.clear();
    const block = bytes.toString("latin1", from, to);
    const known = this.#known.get(block);
    if (known !== undefined) return known;
    const decoded = this.#read(bytes, from, to);
    // A block that has changed the table means something else the next time.
    if (this.#decoder.changes === this.#changes) this.#known.set(block, decoded);
    return decoded;
  }

  #decodeLong(bytes: Buffer, from: number, to: number): DecodedHead {
    for (const { block, decoded } of this.#long) {
      if (block.byteLength !== to - from || block.compare(bytes, from, to) !== 0) continue;
      this.#misses = 0;
      return decoded;
    }
    const decoded = this.#read(bytes, from, to);
    if (this.#decoder.changes !== this.#changes || this.#misses++ >= MOST_MISSES) return decoded;
    // Of its own, and not of Node's pool: it may stay for hours.
    const block = Buffer.allocUnsafeSlow(to - from);
    bytes.copy(block, 0, from, to);
    this.#long = [{ block, decoded }, ...this.#long.slice(0, MOST_LONG_HEADS - 1)];
    return decoded;
  }

  #read(bytes: Buffer, from: number, to: number): DecodedHead {
    const fields = this.#decoder.decode(bytes, from, to);
    return { fields, head: fields && plainHead(fields) };
  }
}
