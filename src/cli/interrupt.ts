/** Aborts at the first Ctrl-C. A second one ends the process as it would without us. */
export class Interrupt implements Disposable {
  readonly #controller = new AbortController();
  readonly #onSignal = () => {
    process.off("SIGINT", this.#onSignal);
    this.#controller.abort();
  };

  constructor() {
    process.on("SIGINT", this.#onSignal);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    process.off("SIGINT", this.#onSignal);
  }
}
