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

  /** Takes slots, which must be free. */
  take(handler: string, count = 1): void {
    this.#taken += count;
    this.#takenOf.set(handler, (this.#takenOf.get(handler) ?? 0) + count);
  }

  /** Gives slots back that were taken. */
  giveBack(handler: string, count = 1): void {
    this.take(handler, -count);
  }

  /** The handlers of which more work may begin now. */
  get open(): string[] {
    return [...this.#mostOf.keys()].filter((handler) => this.free(handler) > 0);
  }
}
