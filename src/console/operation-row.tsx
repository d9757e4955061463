import { memo } from "react";
import type { Operation } from "../../gen/google/longrunning/operations_pb.ts";
import { durationText } from "../summary/duration-text.ts";
import { summaryOf, timeIn } from "../summary/operation-summary.ts";
import { KNOWN_TYPES } from "./known-types.ts";
import { beginningOf } from "./long-text.tsx";
import { ProgressBar, unitsText } from "./progress-bar.tsx";
import { goTo, hashOf } from "./route.ts";
import { StateBadge } from "./state-badge.tsx";
import { agoText, timeText } from "./time-text.ts";

/** A row has room for fewer characters of what the work says. */
const MOST_SAID = 200;

/** One operation of the list. It is drawn again only when something of it is other than before. */
export const OperationRow = memo(function OperationRow(props: {
  readonly operation: Operation;
  readonly id: string;
  /** Counted from 0. */
  readonly index: number;
  readonly top: number;
  readonly isActive: boolean;
  /** To the second. */
  readonly nowMs: number;
}) {
  const { operation, id, index, top, isActive, nowMs } = props;
  const { name, state, progress, type, createTime } = summaryOf(operation, KNOWN_TYPES);
  const metadata = KNOWN_TYPES.unpack(operation.metadata);
  const endTime = metadata && (timeIn(metadata, "end_time") ?? timeIn(metadata, "done_time"));
  const slash = name.lastIndexOf("/") + 1;
  const said = progress?.message ?? unitsText(progress);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the focus, and Enter does the same
    <div
      id={id}
      className="row"
      role="row"
      tabIndex={-1}
      aria-rowindex={index + 2}
      aria-selected={isActive}
      data-state={state}
      style={{ transform: `translateY(${top}px)` }}
      onClick={(event) => {
        // A link is followed by itself, and text that is selected is to be copied.
        if (event.target instanceof HTMLAnchorElement || getSelection()?.isCollapsed === false) return;
        goTo({ page: "operation", name });
      }}
    >
      <div role="gridcell" className="cell-state">
        <StateBadge state={state} />
      </div>
      <div role="gridcell" className="cell-name">
        <a href={hashOf({ page: "operation", name })} tabIndex={-1} title={name}>
          <span className="dim">{name.slice(0, slash)}</span>
          {name.slice(slash)}
        </a>
      </div>
      <div role="gridcell" className="cell-type" title={type}>
        {type.slice(type.lastIndexOf(".") + 1)}
      </div>
      <div role="gridcell" className="cell-progress">
        <ProgressBar state={state} progress={progress} label={`Progress of ${name}`} />
        {said !== undefined && state !== "SUCCEEDED" && (
          <span className="said">{beginningOf(said, MOST_SAID)}</span>
        )}
      </div>
      <div role="gridcell" className="cell-time" title={createTime && timeText(createTime)}>
        {createTime && agoText(createTime.getTime(), nowMs)}
      </div>
      <div role="gridcell" className="cell-took">
        {createTime && tookText(createTime, operation.done ? endTime : new Date(nowMs))}
      </div>
    </div>
  );
});

function tookText(from: Date, to: Date | undefined): string {
  return to === undefined ? "" : durationText(Math.max(to.getTime() - from.getTime(), 0));
}
