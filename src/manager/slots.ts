/** How much resumable work one process runs at a time: in all, and of each handler. */
export class Slots {
  readonly #most: number;
  readonly #mostOf = new Map<string, number>();
  readonly #takenOf = new Map<string, number>();
  #taken = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Says how much work of a handler may run. */
  limit(handler: string, most: number): void {
    this.#mostOf.set(handler, most);
  }

  /** How much more work of a handler may begin now. */
  free(handler: string): number {
    const most = this.#mostOf.get(handler) ?? 0;
    return Math.max(0, Math.min(this.#most - this.#taken, most - (this.#takenOf.get(handler) ?? 0)));
  }

  /** Takes so many slots, which must be free. Answers the function that gives one of them back. */
  take(handler: string, count = 1): () => void {
    this.#taken += count;
    this.#takenOf.set(handler, (this.#takenOf.get(handler) ?? 0) + count);
    return () => this.giveBack(handler, 1);
  }

  /** Gives slots back that were taken. */
  giveBack(handler: string, count: number): void {
    this.#taken -= count;
    this.#takenOf.set(handler, (this.#takenOf.get(handler) ?? 0) - count);
  }

  /** How many of each handler may be claimed now, of all that may run together. */
  claimable(): Map<string, number> {
    const limits = new Map<string, number>();
    let left = this.#most - this.#taken;
    for (const handler of this.#mostOf.keys()) {
      const limit = Math.min(left, this.free(handler));
      if (limit > 0) limits.set(handler, limit);
      left -= limit;
    }
    return limits;
  }
}
