/** Where every room gets its time from, so that a test can hold it still. */
export interface Clock {
  /** Milliseconds since the Unix epoch: for times that are stored and shown. It may jump. */
  wallMs(): number;
  /** Milliseconds since some moment: for measuring how long something takes. It never goes back. */
  monotonicMs(): number;
  /**
   * Rings once after `delayMs`, however long that is. Answers the function that calls it off.
   * A timer in the background does not keep the process alive.
   */
  after(delayMs: number, ring: () => void, background?: boolean): () => void;
}

/** The longest delay that a JavaScript timer takes; beyond it, it would ring after 1 ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's own clock. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, ring, background = false) {
    if (delayMs <= LONGEST_TIMER_MS) {
      const timer: unknown = setTimeout(ring, Math.max(0, delayMs));
      if (background) unref(timer);
      return () => clearTimeout(timer as number);
    }
    const goOn = () => {
      callOff = systemClock.after(delayMs - LONGEST_TIMER_MS, ring, background);
    };
    let callOff = systemClock.after(LONGEST_TIMER_MS, goOn, background);
    return () => callOff();
  },
};

// A browser's timer is a number, and never keeps a page alive.
function unref(timer: unknown): void {
  if (typeof timer === "object" && timer !== null && "unref" in timer && typeof timer.unref === "function") {
    timer.unref();
  }
}
