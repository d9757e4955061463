import type { Clock } from "../time/clock.ts";

/** As many as a short call needs, from its first byte to its answer. */
const ROUNDS_BETWEEN = 4;

/** How the thread rests while many wait for their turn, so that they do not keep it from one turn to the next. */
export interface Rest {
  /** How many may wait without a rest. */
  readonly crowd: number;
  /** Between two turns, in milliseconds. */
  readonly restMs: number;
  readonly clock: Clock;
}

/**
 * One thread answers everybody: who has much to do takes a turn, and between two turns the event loop goes round a few
 * times, so that those who have little to do are answered meanwhile.
 */
export class Turns {
  readonly #atOnce: number;
  readonly #rest: Rest | undefined;
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  /** So many may have their turn together: one by default. */
  constructor(atOnce = 1, rest?: Rest) {
    this.#atOnce = atOnce;
    this.#rest = rest;
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
      if (this.#taken === 0) this.#giveLater();
      this.#taken++;
      begin();
    }
  }

  #giveLater(): void {
    const giveAgain = () => this.#giveAgain();
    if (this.#rest === undefined || this.#waiting.length <= this.#rest.crowd) {
      afterRounds(ROUNDS_BETWEEN, giveAgain);
    } else this.#rest.clock.after(this.#rest.restMs, giveAgain);
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
