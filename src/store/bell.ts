/** Rings for one who waits. A ring that nobody waits for is kept until somebody does. */
export class Bell {
  #rung = false;
  #wake: (() => void) | undefined;

  /** Wakes the one who waits, or the next one. */
  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** Resolves once it has rung since the last call. One waits at a time. */
  async heard(): Promise<void> {
    if (!this.#rung) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    this.#rung = false;
  }
}
