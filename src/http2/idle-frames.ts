import type { Clock } from "../time/clock.ts";

/** How many frames that ask for nothing a client may send at once, and how many more in a second. */
const BURST = 1_000;
const PER_SECOND = 1_000;

/**
 * Counts the frames of a connection that begin nothing and bring nothing (PING, SETTINGS, PRIORITY, WINDOW_UPDATE, empty DATA;
 * CVE-2019-9512 and those beside it). Clients send some for whatever else they do, and so may send more the more that is.
 */
export class IdleFrames {
  readonly #clock: Clock;
  #count = 0;
  #countedAtMs: number;
  /** What the connection had been used for when it was counted last. */
  #use = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#countedAtMs = clock.monotonicMs();
  }

  /** One more; false where that is too many. `use`: how many the client may have sent for what else it has done. */
  add(use: number): boolean {
    this.#count++;
    if (this.#count <= BURST) return true;
    const nowMs = this.#clock.monotonicMs();
    const allowed = ((nowMs - this.#countedAtMs) * PER_SECOND) / 1_000 + use - this.#use;
    this.#count = Math.max(0, this.#count - allowed);
    this.#countedAtMs = nowMs;
    this.#use = use;
    return this.#count <= BURST;
  }
}
