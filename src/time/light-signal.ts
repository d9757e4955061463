/**
 * Tells once that nobody waits for a call any more, as an AbortSignal does. An AbortSignal costs some microseconds and
 * a kilobyte or two, which many thousands of calls that wait would all pay.
 */
export interface LightSignal {
  readonly aborted: boolean;
  /** Calls the listener when nobody waits any more; of several listeners only the last. Undefined: calls nobody. */
  onAbort(listener: (() => void) | undefined): void;
}

/** Where a context that has a light signal keeps it. */
export const lightSignal: unique symbol = Symbol("light signal");

/** The light signal of a context, or its signal as one. */
export function lightSignalOf(context: {
  readonly signal: AbortSignal;
  readonly [lightSignal]?: LightSignal;
}): LightSignal {
  return context[lightSignal] ?? new FromAbortSignal(context.signal);
}

class FromAbortSignal implements LightSignal {
  readonly #signal: AbortSignal;
  #listener: (() => void) | undefined;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  get aborted(): boolean {
    return this.#signal.aborted;
  }

  onAbort(listener: (() => void) | undefined): void {
    if (this.#listener !== undefined) this.#signal.removeEventListener("abort", this.#listener);
    this.#listener = listener;
    if (listener !== undefined) this.#signal.addEventListener("abort", listener);
  }
}
