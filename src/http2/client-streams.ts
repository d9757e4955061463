import type { FramedStream } from "./framed-stream.ts";

/** How many streams are remembered that were reset here: a client has no more open, by default. */
const MOST_RESETS = 1_000;

/** The streams of a connection that are open, and what may still come of those that are over. */
export class ClientStreams {
  /** The last that has begun. */
  lastId = 0;
  /** Whether the client was told which stream is the last: of those behind it nothing is known. */
  isClosing = false;
  readonly #open = new Map<number, FramedStream>();
  /** Those that this end has reset lately. Frames of theirs may be under way, and are no fault of the client's. */
  readonly #resets = new Set<number>();

  get size(): number {
    return this.#open.size;
  }

  /** The stream of that number, where it is open. */
  get(id: number): FramedStream | undefined {
    return this.#open.get(id);
  }

  all(): FramedStream[] {
    return [...this.#open.values()];
  }

  add(stream: FramedStream): void {
    this.#open.set(stream.id, stream);
  }

  remove({ id }: FramedStream): void {
    this.#open.delete(id);
  }

  /** This end resets a stream. */
  noteReset(id: number): void {
    this.#resets.add(id);
    if (this.#resets.size <= MOST_RESETS) return;
    const [oldest = id] = this.#resets;
    this.#resets.delete(oldest);
  }

  /** Whether a stream has not begun, so that nothing may come of it but its headers. */
  isIdle(id: number): boolean {
    return (id > this.lastId && !this.isClosing) || id % 2 === 0;
  }

  /** Whether frames of a stream that is over may have been under way when it ended. */
  isForgiven(id: number): boolean {
    return this.isClosing || this.#resets.has(id);
  }
}
