import type { Operation } from "../../gen/google/longrunning/operations_pb.ts";
import { durationText } from "../summary/duration-text.ts";
import { timeIn } from "../summary/operation-summary.ts";
import { KNOWN_TYPES } from "./known-types.ts";
import { agoText, timeText } from "./time-text.ts";
import { useNow } from "./use-now.ts";

/** The times that metadata conventionally has, in the order in which they come. */
const MOMENTS: readonly (readonly [label: string, ...fields: readonly string[]])[] = [
  ["Created", "create_time"],
  ["Started", "start_time"],
  ["Last change", "update_time"],
  ["Ended", "end_time", "done_time"],
  ["Expires", "expire_time"],
];

/** When what was of an operation, as far as its metadata tells it. */
export function Timeline({ operation }: { readonly operation: Operation }) {
  const nowMs = useNow(1_000);
  const moments = momentsOf(operation);
  const [begin] = moments;
  return (
    <section className="card timeline" aria-labelledby="timeline">
      <h2 id="timeline">Timeline</h2>
      {moments.length === 0 ? (
        <p className="hint">Its metadata tells no times that this page can read.</p>
      ) : (
        <ol>
          {moments.map(({ label, time }) => (
            <li key={label} data-future={time.getTime() > nowMs}>
              <span className="moment">{label}</span>
              <time dateTime={time.toISOString()}>{timeText(time)}</time>
              <span className="hint">
                {agoText(time.getTime(), nowMs)}
                {label === "Ended" && begin && ` · took ${tookText(begin.time, time)}`}
              </span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function momentsOf({ metadata, done }: Operation): { readonly label: string; readonly time: Date }[] {
  const message = KNOWN_TYPES.unpack(metadata);
  if (message === undefined) return [];
  return MOMENTS.flatMap(([label, ...fields]) => {
    const time = fields.map((field) => timeIn(message, field)).find((one) => one !== undefined);
    // Of what has ended the last change is the end.
    return time === undefined || (done && label === "Last change") ? [] : [{ label, time }];
  });
}

function tookText(from: Date, to: Date): string {
  return durationText(Math.max(to.getTime() - from.getTime(), 0));
}
