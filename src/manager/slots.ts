/** How much resumable work one process runs at a time: in all, and of each handler. */
export class Slots {
  readonly #most: number;
  readonly #mostOf = new Map<string, number>();
  readonly #takenOf = new Map<string, number>();
  #taken = 0;
  readonly #waiting: (() => void)[] = [];

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

  /** Takes a slot as soon as one is free. */
  async acquire(handler: string): Promise<void> {
    while (this.free(handler) === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.take(handler);
  }

  /** Gives slots back that were taken. */
  giveBack(handler: string, count = 1): void {
    this.take(handler, -count);
    // Whose handler is not the one, looks and waits on.
    for (const goOn of this.#waiting.splice(0)) goOn();
  }

  /** The handlers of which more work may begin now. */
  get open(): string[] {
    return [...this.#mostOf.keys()].filter((handler) => this.free(handler) > 0);
  }
}
