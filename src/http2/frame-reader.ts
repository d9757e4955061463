import { FRAME_BYTES, LARGEST_WINDOW, REASON } from "./codes.ts";
import { ConnectionFault } from "./connection-fault.ts";
import { HEAD_BYTES, readUint32 } from "./frame.ts";

/** Takes the frames of a connection, one after the other. Its payload is in `bytes`, from `from` to `to`. */
export type TakeFrame = (
  kind: number,
  flags: number,
  stream: number,
  bytes: Buffer,
  from: number,
  to: number,
) => void;

/** Finds the frames in what comes of a connection, however that is cut. */
export class FrameReader {
  readonly #take: TakeFrame;
  /** Pieces that do not make a whole frame yet. They are put together once they do: a frame may come byte by byte. */
  #pieces: Buffer[] = [];
  #heldBytes = 0;
  #neededBytes: number;

  constructor(take: TakeFrame) {
    this.#take = take;
    this.#neededBytes = HEAD_BYTES;
  }

  /** Takes what has come. Throws a ConnectionFault for a frame that is too large, and what the taker throws. */
  read(chunk: Buffer): void {
    if (this.#heldBytes > 0) {
      this.#pieces.push(chunk);
      this.#heldBytes += chunk.byteLength;
      if (this.#heldBytes < this.#neededBytes) return;
      chunk = Buffer.concat(this.#pieces, this.#heldBytes);
      this.#pieces = [];
      this.#heldBytes = 0;
    }
    const { byteLength: end } = chunk;
    let at = 0;
    let needed = HEAD_BYTES;
    while (end - at >= HEAD_BYTES) {
      const length = readUint32(chunk, at) >>> 8;
      if (length > FRAME_BYTES) {
        throw new ConnectionFault(REASON.frameSizeError, `a frame of ${length} bytes`);
      }
      needed = HEAD_BYTES + length;
      if (end - at < needed) break;
      const stream = readUint32(chunk, at + 5) & LARGEST_WINDOW;
      this.#take(chunk[at + 3] ?? 0, chunk[at + 4] ?? 0, stream, chunk, at + HEAD_BYTES, at + needed);
      at += needed;
      needed = HEAD_BYTES;
    }
    this.#neededBytes = needed;
    if (at === end) return;
    // A copy where little is left: the piece is a part of all that was read with it.
    const rest = chunk.subarray(at);
    this.#pieces = [end > 2 * rest.byteLength ? Buffer.from(rest) : rest];
    this.#heldBytes = rest.byteLength;
  }
}
