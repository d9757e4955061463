import { median, rounded } from "../figures.ts";
import type { GetRun } from "../parts/get.ts";
import type { KnownRun } from "../parts/known.ts";
import type { ParkedRun } from "../parts/parked.ts";
import { cpuOf } from "./get-table.ts";
import type { Table } from "./table.ts";

/** What this package is held to, and how it does. */
interface Target {
  readonly what: string;
  readonly atMost: number;
  readonly measured: number;
}

/** The goals, what was measured, and whether that reaches them. */
export function targetsTable(
  get: readonly GetRun[],
  parked: readonly ParkedRun[],
  known: readonly KnownRun[],
): Table {
  const targets = [...getTargets(get), ...parkedTargets(parked), ...knownTargets(known)];
  return {
    head: ["what", "at most", "measured", "reached"],
    rows: targets.map(({ what, atMost, measured }) => [
      what,
      rounded(atMost),
      rounded(measured),
      measured <= atMost ? "yes" : "**no**",
    ]),
  };
}

function getTargets(runs: readonly GetRun[]): Target[] {
  const [grpc, json] = [cpuOf(runs, "grpc"), cpuOf(runs, "json")];
  const ratio = (what: string, of: typeof grpc, to: string, atMost: number) => ({
    what: `CPU of GetOperation, ${what}`,
    atMost,
    measured: of.ratio("ours", to),
  });
  return [
    ratio("gRPC, to node:http2's floor", grpc, "http2", 1.15),
    ratio("gRPC, to grpc-js", grpc, "grpc-js", 0.75),
    ratio("gRPC, to connectNodeAdapter", grpc, "connect-node", 1 / 9),
    ratio("JSON, to node:http's floor", json, "http", 1.3),
    ratio("JSON, to connectNodeAdapter", json, "connect-node", 1 / 6),
  ];
}

function parkedTargets(runs: readonly ParkedRun[]): Target[] {
  return [
    ...parkedTargetsOf("ours", "", runs),
    ...parkedTargetsOf("ours-young-16", " (--max-semi-space-size=16)", runs),
  ];
}

function parkedTargetsOf(peer: string, how: string, runs: readonly ParkedRun[]): Target[] {
  const target = (what: string, atMost: number, count: number, figure: (run: ParkedRun) => number) => ({
    what: `${what}${how}`,
    atMost,
    measured: median(runs.filter((run) => run.peer === peer && run.count === count).map(figure)),
  });
  const kilobytesEach = (run: ParkedRun) => run.bytesEach / 1_000;
  return [
    target("a call that waits, of 10,000, KB", 10, 10_000, kilobytesEach),
    target("a call that waits, of 50,000, KB", 8, 50_000, kilobytesEach),
    target("the last of 50,000 answers, ms", 2_000, 50_000, (run) => run.lastMs),
    target("the longest stall of the loop meanwhile, ms", 25, 50_000, (run) => run.stallMs ?? Number.NaN),
  ];
}

function knownTargets(runs: readonly KnownRun[]): Target[] {
  const {
    p50Ms = Number.NaN,
    p99Ms = Number.NaN,
    rpcs = Number.NaN,
  } = runs.find(({ client }) => client === "ours") ?? {};
  return [
    { what: "from the end to the caller's knowing it, p50, ms", atMost: 2, measured: p50Ms },
    { what: "the same, p99, ms", atMost: 10, measured: p99Ms },
    { what: "RPCs for it", atMost: 1, measured: rpcs },
  ];
}
