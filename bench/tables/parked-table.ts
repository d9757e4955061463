import { median, rounded } from "../figures.ts";
import type { ParkedRun } from "../parts/parked.ts";
import { peerTitle } from "./peer-titles.ts";
import type { Table } from "./table.ts";

/** What calls that wait take, and how soon they know: medians. */
export function parkedTable(runs: readonly ParkedRun[]): Table {
  const rows = [...new Set(runs.map(({ count }) => count))].flatMap((count) =>
    [...new Set(runs.map(({ peer }) => peer))].flatMap((peer) => {
      const own = runs.filter((run) => run.peer === peer && run.count === count);
      return own.length === 0 ? [] : [rowOf(`${peerTitle(peer)}, ${count.toLocaleString("en-US")}`, own)];
    }),
  );
  return {
    head: [
      "server, calls that wait",
      "runs",
      "resident each, KB",
      "to the first answer, ms",
      "to the last, ms",
      "longest stall of the loop, ms",
      "CPU an answer, µs",
    ],
    rows,
  };
}

function rowOf(title: string, runs: readonly ParkedRun[]): string[] {
  const middle = (figure: (run: ParkedRun) => number) => rounded(median(runs.map(figure)));
  const stalls = runs.flatMap(({ stallMs }) => stallMs ?? []);
  return [
    title,
    String(runs.length),
    middle((run) => run.bytesEach / 1_000),
    middle((run) => run.firstMs),
    middle((run) => run.lastMs),
    stalls.length === 0 ? "–" : rounded(median(stalls)),
    middle((run) => run.cpuUs),
  ];
}
