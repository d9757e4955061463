/** One direction of a connection: what goes into it comes out in its order, some time later. */
export class Line {
  readonly #delayMs: () => number;
  readonly #isHeld: () => boolean;
  #waiting: { readonly act: () => void; readonly dueMs: number }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(delayMs: () => number, isHeld: () => boolean) {
    this.#delayMs = delayMs;
    this.#isHeld = isHeld;
  }

  /** Does something when everything that was sent before is done, and it is time. */
  send(act: () => void): void {
    this.#waiting.push({ act, dueMs: performance.now() + this.#delayMs() });
    this.flow();
  }

  /** Lets out what may come out. */
  flow(): void {
    clearTimeout(this.#timer);
    for (let next = this.#waiting[0]; next !== undefined && !this.#isHeld(); next = this.#waiting[0]) {
      const leftMs = next.dueMs - performance.now();
      if (leftMs > 0) {
        this.#timer = setTimeout(() => this.flow(), leftMs);
        return;
      }
      this.#waiting.shift();
      next.act();
    }
  }
}
