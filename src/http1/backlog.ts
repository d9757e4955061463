/** Counts what a connection makes this process hold. */
export interface Holding {
  /** How many bytes it is now. */
  set(bytes: number): void;
  /** It is nothing any more. */
  release(): void;
}

/** What it has room for at first. */
const FIRST_BYTES = 1_024;

/**
 * What has come of a connection and is read later. It is one buffer, however small the pieces are that it comes in: a byte
 * in a buffer of its own would take a hundred.
 */
export class Backlog {
  readonly #holding: Holding;
  #bytes = Buffer.alloc(0);
  #length = 0;

  constructor(holding: Holding) {
    this.#holding = holding;
  }

  get length(): number {
    return this.#length;
  }

  add(piece: Uint8Array): void {
    const length = this.#length + piece.byteLength;
    if (length > this.#bytes.byteLength) {
      const larger = Buffer.allocUnsafeSlow(Math.max(FIRST_BYTES, 2 * this.#bytes.byteLength, length));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(piece, this.#length);
    this.#length = length;
    this.#holding.set(this.#bytes.byteLength);
  }

  /** All of it, which is not kept any more. */
  take(): Buffer {
    const all = this.#bytes.subarray(0, this.#length);
    this.#bytes = Buffer.alloc(0);
    this.#length = 0;
    this.#holding.release();
    return all;
  }
}
