/** Who is to hear that something has changed, as React's `useSyncExternalStore` wants it. */
export class Listeners {
  readonly #listeners = new Set<() => void>();

  /** Answers the function that ends it. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
