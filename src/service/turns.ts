/** As many as a short call needs, from its first byte to its answer. */
const ROUNDS_BETWEEN = 4;

/**
 * One thread answers everybody: who has much to do takes a turn, and between two turns the event loop goes round a few
 * times, so that those who have little to do are answered meanwhile.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #isTaken = false;

  /** Resolves when it is one's turn: at once where nobody else has had one just now. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (!this.#isTaken) this.#give();
    });
  }

  #give(): void {
    const begin = this.#waiting.shift();
    this.#isTaken = begin !== undefined;
    if (begin === undefined) return;
    begin();
    afterRounds(ROUNDS_BETWEEN, () => this.#give());
  }
}

function afterRounds(rounds: number, act: () => void): void {
  if (rounds === 0) act();
  else setImmediate(() => afterRounds(rounds - 1, act));
}
