import { median } from "../figures.ts";
import type { GetRun } from "../parts/get.ts";
import type { ParkedRun } from "../parts/parked.ts";
import { readResults } from "../results.ts";
import { drawBars, type Panel } from "./draw-bars.js";
import { peerTitle } from "./peer-titles.ts";

/** The chart of docs/performance.md, of the results that are kept, as SVG. */
export function performanceChart(): string {
  const get = readResults<GetRun>("get").runs;
  const parked = readResults<ParkedRun>("parked").runs.filter(({ count }) => count === 10_000);
  return drawBars([
    panel("GetOperation by gRPC: CPU, µs", ofProtocol(get, "grpc"), (run) => run.cpuUs),
    panel("GetOperation by JSON over HTTP/1.1: CPU, µs", ofProtocol(get, "json"), (run) => run.cpuUs),
    panel("10,000 calls that wait: memory of one, KB", parked, (run) => run.bytesEach / 1_000),
    panel("10,000 calls that wait: to the last answer, ms", parked, (run) => run.lastMs),
  ]);
}

function ofProtocol(runs: readonly GetRun[], protocol: GetRun["protocol"]): GetRun[] {
  return runs.filter((run) => run.protocol === protocol);
}

function panel<Run extends { readonly peer: string }>(
  title: string,
  runs: readonly Run[],
  figure: (run: Run) => number,
): Panel {
  const peers = [...new Set(runs.map(({ peer }) => peer))];
  const bars = peers.map((peer) => ({
    name: peerTitle(peer),
    value: median(runs.filter((run) => run.peer === peer).map(figure)),
    isMarked: peer === "ours",
  }));
  return { title, bars: bars.toSorted((a, b) => b.value - a.value) };
}
