import { ENVELOPE_BYTES, lengthIn } from "./envelope.ts";

/** The largest body that is put together here: what is larger is not worth it, and Connect reads it in turns. */
const MOST_BYTES = 16 * 1024;

/** Into how many pieces it may be cut: each costs a copy of those before. */
const MOST_PIECES = 8;

/** How many bodies of a server are put together at a time, which bounds what is held of them to a megabyte. */
const MOST_BODIES = 64;

/** How many bodies of a server are put together now. */
export class BodiesInPieces {
  #count = 0;

  /** Whether there is room for one more, which then is counted. */
  take(): boolean {
    if (this.#count === MOST_BODIES) return false;
    this.#count++;
    return true;
  }

  giveBack(): void {
    this.#count--;
  }
}

/** A body that has come in part: of requests in close succession one in some hundred is cut where a read ends. */
export class BodyPieces {
  #bytes: Uint8Array;
  #pieces = 1;

  constructor(first: Uint8Array) {
    // A copy, since a piece is a part of all that was read with it.
    this.#bytes = Uint8Array.from(first);
  }

  /** What has come. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Adds a piece; false where this has become too much to be put together here. */
  add(piece: Uint8Array): boolean {
    this.#pieces++;
    const all = new Uint8Array(this.#bytes.byteLength + piece.byteLength);
    all.set(this.#bytes);
    all.set(piece, this.#bytes.byteLength);
    this.#bytes = all;
    return this.#pieces <= MOST_PIECES && all.byteLength <= MOST_BYTES;
  }
}

/** Whether more may come of an envelope without compression, and that is small enough to be put together. */
export function mayGoOn(body: Uint8Array, readMaxBytes: number): boolean {
  if (body.byteLength > 0 && body[0] !== 0) return false;
  if (body.byteLength < ENVELOPE_BYTES) return true;
  const length = lengthIn(body);
  const whole = ENVELOPE_BYTES + length;
  return length <= readMaxBytes && whole <= MOST_BYTES && body.byteLength < whole;
}
