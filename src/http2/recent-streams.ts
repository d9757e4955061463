/** How many are remembered: a client has no more streams than that open, by default. */
const MOST = 1_000;

/** The streams that this end has reset lately. Frames of theirs may be under way, and are no fault of the client's. */
export class RecentStreams {
  readonly #ids = new Set<number>();

  add(id: number): void {
    this.#ids.add(id);
    if (this.#ids.size <= MOST) return;
    const [oldest = id] = this.#ids;
    this.#ids.delete(oldest);
  }

  has(id: number): boolean {
    return this.#ids.has(id);
  }
}
