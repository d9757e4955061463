import type { OperationState } from "../summary/operation-summary.ts";
import type { Progress } from "../summary/progress.ts";

const EXACT = new Intl.NumberFormat("en-US");
const SHORT = new Intl.NumberFormat("en-US", { notation: "compact", maximumSignificantDigits: 4 });

/** How far an operation is: a bar, and a word or two beside it. */
export function ProgressBar({
  state,
  progress,
  label,
}: {
  readonly state: OperationState;
  readonly progress: Progress | undefined;
  /** What it is the progress of, for those who cannot see it. */
  readonly label: string;
}) {
  if (!hasBar(state, progress)) return null;
  const percent = state === "SUCCEEDED" ? 100 : progress?.percent;
  return (
    <div className="progress" data-state={state}>
      <div
        className={percent === undefined ? "bar unknown" : "bar"}
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent === undefined ? undefined : Math.floor(percent)}
      >
        <div style={percent === undefined ? undefined : { transform: `scaleX(${percent / 100})` }} />
      </div>
      <span className="progress-text">{percent === undefined ? "" : `${Math.floor(percent)} %`}</span>
    </div>
  );
}

/** Whether there is anything to draw: what has ended without a word of how far it was, has no bar. */
export function hasBar(state: OperationState, progress: Progress | undefined): boolean {
  return ["RUNNING", "CANCELLING", "SUCCEEDED"].includes(state) || progress?.percent !== undefined;
}

/** `3 of 12 pages`; undefined where it is not known. */
export function unitsText(progress: Progress | undefined): string | undefined {
  if (progress?.units === undefined) return undefined;
  const { done, total } = progress.units;
  const unit = progress.unit === undefined ? "" : ` ${progress.unit}`;
  // `40 of 2,000` tells more than `40 of 2K`; of bytes nobody wants to read them all.
  const number = total < 1_000_000 ? EXACT : SHORT;
  return `${number.format(done)} of ${number.format(total)}${unit}`;
}
