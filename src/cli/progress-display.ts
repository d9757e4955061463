import type { OperationSummary } from "../summary/operation-summary.ts";
import type { Clock } from "../time/clock.ts";
import { Pace } from "./pace.ts";
import { type ProgressView, progressBar, progressLine } from "./progress-text.ts";
import type { Screen } from "./screen.ts";

/** How often a bar is drawn: at most, where much happens, and at least, where nothing does but that time goes by. */
const SHORTEST_FRAME_MS = 100;
const LONGEST_FRAME_MS = 1_000;

/** Shows how far an operation is: a bar that moves on a terminal, and elsewhere a line where something is new. */
export class ProgressDisplay {
  readonly #screen: Screen;
  readonly #clock: Clock;
  readonly #sinceMs: number;
  readonly #shortestMs: number;
  readonly #pace = new Pace();
  #latest: OperationSummary | undefined;
  #shownMs = Number.NEGATIVE_INFINITY;
  #said: string | undefined;
  #callOff = () => {};

  /** Says a line once in `lineMs` at most. */
  constructor(screen: Screen, clock: Clock, lineMs: number) {
    this.#screen = screen;
    this.#clock = clock;
    this.#sinceMs = clock.monotonicMs();
    this.#shortestMs = screen.canDraw ? SHORTEST_FRAME_MS : lineMs;
  }

  /** The operation is so far now: it is shown at once, or as soon as it may be. What comes before that takes its place. */
  show(latest: OperationSummary): void {
    this.#latest = latest;
    const inMs = this.#shownMs + this.#shortestMs - this.#clock.monotonicMs();
    if (inMs > 0) this.#showIn(inMs);
    else this.#showLatest();
  }

  /** Takes the bar away, and shows nothing more. */
  end(): void {
    this.#callOff();
    if (this.#screen.canDraw) this.#screen.draw("");
  }

  #showIn(delayMs: number): void {
    this.#callOff();
    this.#callOff = this.#clock.after(delayMs, () => this.#showLatest(), true);
  }

  #showLatest(): void {
    if (this.#latest === undefined) return;
    const { state, progress } = this.#latest;
    const news = JSON.stringify([state, progress]);
    if (!this.#screen.canDraw && news === this.#said) return;
    const view = this.#viewOf(this.#latest);
    this.#shownMs = this.#clock.monotonicMs();
    this.#said = news;
    if (this.#screen.canDraw) {
      this.#screen.draw(progressBar(view, this.#screen.columns));
      this.#showIn(LONGEST_FRAME_MS);
    } else {
      this.#screen.say(progressLine(view));
    }
  }

  #viewOf({ state, progress }: OperationSummary): ProgressView {
    const nowMs = this.#clock.monotonicMs();
    const done = progress?.units?.done ?? progress?.percent;
    const total = progress?.units?.total ?? 100;
    if (done !== undefined) this.#pace.add(nowMs, done);
    return {
      ...{ state, progress, perSecond: this.#pace.perSecond },
      leftMs: done === undefined ? undefined : this.#pace.leftMs(total),
      waitedMs: nowMs - this.#sinceMs,
    };
  }
}
