import { Figures, median, rounded } from "../figures.ts";
import type { SeveralRun } from "../parts/several.ts";
import type { Table } from "./table.ts";

const TITLES: Readonly<Record<string, string>> = { memory: "in memory", sqlite: "on SQLite" };

/** Calls a second by the number of processes: medians, and the ratio to one process in the same round. */
export function severalTable(runs: readonly SeveralRun[]): Table {
  const rows = [...new Set(runs.map(({ store }) => store))].flatMap((store) => {
    const own = runs.filter((run) => run.store === store).toSorted((a, b) => a.round - b.round);
    const rates = new Figures();
    for (const run of own) rates.note(String(run.processes), (run.calls * 1_000) / run.wallMs);
    return [...new Set(own.map(({ processes }) => processes))].map((processes) => {
      const its = own.filter((run) => run.processes === processes);
      return [
        `${TITLES[store] ?? store}, ${processes}`,
        rounded(median(rates.of(String(processes)))),
        rounded(rates.ratio(String(processes), "1")),
        rounded(median(its.map(({ p50Ms }) => p50Ms))),
        rounded(median(its.map(({ p99Ms }) => p99Ms))),
        rounded(median(its.map(({ cpuUs }) => cpuUs))),
      ];
    });
  });
  return {
    head: ["store, processes", "calls a second", "to one process", "p50, ms", "p99, ms", "CPU a call, µs"],
    rows,
  };
}
