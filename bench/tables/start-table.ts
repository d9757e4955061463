import { median, rounded } from "../figures.ts";
import type { StartRun } from "../parts/start.ts";
import type { Table } from "./table.ts";

const TITLES: Readonly<Record<string, string>> = { memory: "in memory", sqlite: "on SQLite" };

/** From a start until its caller knows the end: medians. */
export function startTable(runs: readonly StartRun[]): Table {
  const rows = [...new Set(runs.map(({ store }) => store))].flatMap((store) =>
    [...new Set(runs.map(({ inFlight }) => inFlight))].map((inFlight) => {
      const own = runs.filter((run) => run.store === store && run.inFlight === inFlight);
      const middle = (figure: (run: StartRun) => number) => rounded(median(own.map(figure)));
      return [
        `${TITLES[store] ?? store}, ${inFlight}`,
        middle((run) => (run.calls * 1_000) / run.wallMs),
        middle((run) => run.p50Ms),
        middle((run) => run.p99Ms),
        middle((run) => run.cpuUs),
      ];
    }),
  );
  return { head: ["store, under way", "operations a second", "p50, ms", "p99, ms", "CPU each, µs"], rows };
}
