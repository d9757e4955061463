import { Figures, median, rounded } from "../figures.ts";
import type { KeptRun } from "../parts/kept.ts";
import type { Table } from "./table.ts";

/** What calls cost by the number of operations that are kept: medians, and the last to the first in the same round. */
export function keptTable(runs: readonly KeptRun[]): Table {
  const counts = [...new Set(runs.map(({ count }) => count))];
  const [first, last] = [counts[0], counts.at(-1)];
  const rows = [...new Set(runs.map(({ store }) => store))].flatMap((store) =>
    [...new Set(runs.map(({ call }) => call))].map((call) => {
      const cpu = new Figures();
      const own = runs.filter((run) => run.store === store && run.call === call);
      for (const run of own.toSorted((a, b) => a.round - b.round)) cpu.note(String(run.count), run.cpuUs);
      const cells = counts.map((count) => rounded(median(cpu.of(String(count)))));
      return [`${call}, ${store}`, ...cells, rounded(cpu.ratio(String(last), String(first)))];
    }),
  );
  const heads = counts.map((count) => `${count.toLocaleString("en-US")} kept, µs`);
  return { head: ["CPU a call", ...heads, "last to first"], rows };
}
