/** As many as a short call needs, from its first byte to its answer. */
const ROUNDS_BETWEEN = 4;

/**
 * One thread answers everybody: who has much to do takes a turn, and between two turns the event loop goes round a few
 * times, so that those who have little to do are answered meanwhile.
 */
export class Turns {
  readonly #atOnce: number;
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  /** So many may have their turn together: one by default. */
  constructor(atOnce = 1) {
    this.#atOnce = atOnce;
  }

  /** Resolves when it is one's turn: at once where not so many have had theirs just now. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#give();
    });
  }

  #give(): void {
    while (this.#taken < this.#atOnce) {
      const begin = this.#waiting.shift();
      if (begin === undefined) return;
      if (this.#taken === 0) afterRounds(ROUNDS_BETWEEN, () => this.#giveAgain());
      this.#taken++;
      begin();
    }
  }

  #giveAgain(): void {
    this.#taken = 0;
    this.#give();
  }
}

function afterRounds(rounds: number, act: () => void): void {
  if (rounds === 0) act();
  else setImmediate(() => afterRounds(rounds - 1, act));
}
