import { rounded } from "../figures.ts";
import type { KnownRun } from "../parts/known.ts";
import { POLLING_CLIENTS } from "../polling/polling-clients.ts";
import type { Table } from "./table.ts";

/** How soon callers know, and for how many RPCs. */
export function knownTable(runs: readonly KnownRun[]): Table {
  return {
    head: ["caller", "operations last", "p50, ms", "p99, ms", "RPCs each", "gave up"],
    rows: runs.map((run) => [
      titleOf(run),
      `${lasting(run.shortestMs)} to ${lasting(run.longestMs)}`,
      rounded(run.p50Ms),
      rounded(run.p99Ms),
      rounded(run.rpcs),
      run.gaveUp === 0 ? "–" : `${rounded((100 * run.gaveUp) / run.operations)} %`,
    ]),
  };
}

function titleOf({ client, isSimulated }: KnownRun): string {
  const title = POLLING_CLIENTS.find(({ id }) => id === client)?.title ?? "longrunning, a handle that waits";
  return isSimulated ? `${title} (simulated)` : title;
}

function lasting(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${Number((ms / 1_000).toPrecision(3))} s`;
}
