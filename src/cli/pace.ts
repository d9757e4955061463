/** How long back the rate looks. */
const WINDOW_MS = 30_000;

/** What was seen for less than so long says nothing of a rate. */
const SHORTEST_MS = 1_000;

interface Sample {
  readonly atMs: number;
  readonly done: number;
}

/** How fast something goes, by what was seen of it in the last half minute. */
export class Pace {
  #samples: Sample[] = [];

  /** So much is done at this time, in milliseconds of a clock that does not go back. */
  add(atMs: number, done: number): void {
    const last = this.#samples.at(-1);
    // Work that is begun again has another pace.
    if (last !== undefined && done < last.done) this.#samples = [];
    this.#samples.push({ atMs, done });
    // One that is older is kept, so that slow work has a rate too.
    while ((this.#samples[1]?.atMs ?? atMs) <= atMs - WINDOW_MS) this.#samples.shift();
  }

  /** What is done in a second; undefined while that cannot be told. */
  get perSecond(): number | undefined {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (first === undefined || last === undefined || last.done <= first.done) return undefined;
    const seenMs = last.atMs - first.atMs;
    return seenMs < SHORTEST_MS ? undefined : ((last.done - first.done) * 1_000) / seenMs;
  }

  /** Milliseconds until `total` is done, at this rate; undefined while that cannot be told. */
  leftMs(total: number): number | undefined {
    const { perSecond } = this;
    const done = this.#samples.at(-1)?.done ?? 0;
    return perSecond === undefined || done > total ? undefined : ((total - done) * 1_000) / perSecond;
  }
}
