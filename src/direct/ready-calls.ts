/** How many calls are answered before the event loop goes on: a few milliseconds' worth. */
const AT_ONCE = 64;

/** A call that can be answered. */
export interface ReadyCall {
  answer(): void;
}

/**
 * Calls whose requests have come. They are answered when everything that came with them is read: a client that resets its
 * streams as fast as it opens them (CVE-2023-44487) has reset them by then, and nobody is to be answered. And to read
 * from all connections, and then to write to all, costs half of what it costs by turns (bench/results/get.json).
 */
export class ReadyCalls {
  #isAwaited = false;
  #calls: ReadyCall[] = [];

  add(call: ReadyCall): void {
    this.#calls.push(call);
    this.#await();
  }

  #await(): void {
    if (this.#isAwaited) return;
    this.#isAwaited = true;
    setImmediate(this.#answer);
  }

  readonly #answer = (): void => {
    const calls = this.#calls;
    this.#calls = calls.length > AT_ONCE ? calls.splice(AT_ONCE) : [];
    this.#isAwaited = false;
    if (this.#calls.length > 0) this.#await();
    for (const call of calls) call.answer();
  };
}
