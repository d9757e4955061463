import { FakeClock } from "../../src/testing/fake-clock.ts";

/** A clock for which no delay is long: it writes each down, and is at its end as soon as somebody waits for it. */
export class HurriedClock extends FakeClock {
  readonly delaysMs: number[] = [];

  override after(delayMs: number, ring: () => void): () => void {
    this.delaysMs.push(delayMs);
    let calledOff = false;
    const callOff = super.after(delayMs, ring);
    queueMicrotask(() => {
      if (!calledOff) this.advance(delayMs);
    });
    return () => {
      calledOff = true;
      callOff();
    };
  }
}
