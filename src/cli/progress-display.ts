import type { OperationSummary } from "../summary/operation-summary.ts";
import type { Clock } from "../time/clock.ts";
import { Pace } from "./pace.ts";
import { progressBar, progressLine } from "./progress-text.ts";
import type { Screen } from "./screen.ts";

/** Shows how far an operation is: a bar that moves on a terminal, and elsewhere a line where something is new. */
export class ProgressDisplay {
  readonly #screen: Screen;
  readonly #clock: Clock;
  readonly #sinceMs: number;
  readonly #pace = new Pace();
  #said: string | undefined;

  constructor(screen: Screen, clock: Clock) {
    this.#screen = screen;
    this.#clock = clock;
    this.#sinceMs = clock.monotonicMs();
  }

  /** The operation is so far now. */
  show({ state, progress }: OperationSummary): void {
    const nowMs = this.#clock.monotonicMs();
    const done = progress?.units?.done ?? progress?.percent;
    const total = progress?.units?.total ?? 100;
    if (done !== undefined) this.#pace.add(nowMs, done);
    const view = {
      ...{ state, progress, perSecond: this.#pace.perSecond },
      leftMs: done === undefined ? undefined : this.#pace.leftMs(total),
      waitedMs: nowMs - this.#sinceMs,
    };
    if (this.#screen.canDraw) {
      this.#screen.draw(progressBar(view, this.#screen.columns));
      return;
    }
    const news = JSON.stringify([state, progress]);
    if (news !== this.#said) this.#screen.say(progressLine(view));
    this.#said = news;
  }

  /** Takes the bar away. */
  end(): void {
    if (this.#screen.canDraw) this.#screen.draw("");
  }
}
