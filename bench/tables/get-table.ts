import { Figures, median, rounded } from "../figures.ts";
import type { GetRun } from "../parts/get.ts";
import { peerTitle } from "./peer-titles.ts";
import type { Table } from "./table.ts";

/** The servers that others are held against. */
const FLOOR = { grpc: "http2", json: "http" } as const;

/** What GetOperation costs each server of a protocol: medians, and beside them ratios of the same round. */
export function getTable(runs: readonly GetRun[], protocol: GetRun["protocol"]): Table {
  const own = runs.filter((run) => run.protocol === protocol);
  const cpu = cpuOf(runs, protocol);
  const peers = [...new Set(own.map(({ peer }) => peer))];
  const beside = [
    [FLOOR[protocol], "to the floor"],
    ["connect-node", "to connectNodeAdapter"],
  ].filter(([peer = ""]) => peers.includes(peer));
  const middle = (peer: string, figure: (run: GetRun) => number) =>
    rounded(median(own.filter((run) => run.peer === peer).map(figure)));
  return {
    head: [
      ...["server", "CPU a call, µs"],
      ...beside.map(([, title = ""]) => title),
      ...["calls a second", "p50, ms", "p99, ms"],
    ],
    rows: peers.map((peer) => [
      peerTitle(peer),
      middle(peer, (run) => run.cpuUs),
      ...beside.map(([other = ""]) => rounded(cpu.ratio(peer, other))),
      middle(peer, (run) => (run.calls * 1_000) / run.wallMs),
      middle(peer, (run) => run.p50Ms),
      middle(peer, (run) => run.p99Ms),
    ]),
  };
}

/** Processor time a call, in microseconds, by peer and round. */
export function cpuOf(runs: readonly GetRun[], protocol: GetRun["protocol"]): Figures {
  const figures = new Figures();
  const own = runs.filter((run) => run.protocol === protocol);
  for (const run of own.toSorted((a, b) => a.round - b.round)) figures.note(run.peer, run.cpuUs);
  return figures;
}
