import { beforeAll, expect, it } from "vitest";
import { ask } from "../postgres/ask.ts";
import { until } from "../until.ts";
import { readAudit } from "./audit.ts";
import type { Cluster } from "./cluster.ts";
import type { ClusterLoad } from "./cluster-load.ts";
import type { Disturbance } from "./cluster-told.ts";
import { report } from "./program.ts";
import { everyOperation } from "./server.ts";

/** How long all operations may take to end once nobody starts any, and nothing is disturbed. */
const QUIET_MS = 30_000;

/** What became of a cluster under load. */
export interface Verdict {
  readonly acknowledged: number;
  readonly lost: readonly string[];
  readonly reverted: readonly string[];
  readonly endedTwice: readonly string[];
  readonly startedTwice: readonly string[];
  readonly strange: readonly string[];
  readonly unended: readonly string[];
  readonly failures: readonly string[];
  readonly unknown: number;
  readonly refusals: ReadonlyMap<string, number>;
  readonly longestRefusalMs: number;
  /** How late those who waited were told, the latest last, in milliseconds. */
  readonly latenessMs: readonly number[];
  /** How many attempts came to their end after another one had. */
  readonly lateEnds: number;
  /** How many operations were begun more than once. */
  readonly resumed: number;
}

/** Ends the load, waits until all is done, and holds what the database at `url` has against what was told. */
export async function verdictOf(
  cluster: Cluster,
  url: string,
  load: ClusterLoad,
  disturbances: readonly Disturbance[] = [],
  quietMs = QUIET_MS,
): Promise<Verdict> {
  await load.stop();
  const { told } = load;
  const running = async () =>
    ask<{ name: string }>(url, "select name from longrunning.operations where end_time is null");
  // What has not ended by then is told of below.
  await until(async () => (await running()).length === 0, quietMs).catch(() => {});
  const { ends, endedTwice, endTimesMs, attempts } = await readAudit(url);
  const [first] = cluster.servers;
  const unended = told.check(first === undefined ? [] : await everyOperation(first));
  if (ends === 0) throw new Error("the audit has seen no end");
  return {
    acknowledged: told.acknowledged,
    lost: told.lost,
    reverted: told.reverted,
    endedTwice,
    startedTwice: told.startedTwice,
    strange: told.strange,
    unended: [...unended, ...(await running()).map(({ name }) => name)],
    failures: load.failures,
    unknown: load.unknown,
    refusals: load.refusals,
    longestRefusalMs: load.longestRefusalMs,
    latenessMs: told.lateness(endTimesMs, disturbances),
    lateEnds: cluster.effects.lateEnds,
    resumed: [...attempts.values()].filter((attempt) => attempt > 1).length,
  };
}

/** Prints what a verdict has counted. */
export function reportVerdict(
  fault: string,
  verdict: Verdict,
  more: Readonly<Record<string, number | string>> = {},
): void {
  const { latenessMs } = verdict;
  const at = (share: number) =>
    `${Math.round(latenessMs[Math.floor((latenessMs.length - 1) * share)] ?? 0)} ms`;
  report(fault, {
    ...more,
    acknowledged: verdict.acknowledged,
    lost: verdict.lost.length,
    "completed twice": verdict.endedTwice.length,
    reverted: verdict.reverted.length,
    "unknown outcomes": verdict.unknown,
    refused: [...verdict.refusals].map(([code, count]) => `${code} ${count}`).join(" + ") || "none",
    "refused after at most": `${Math.round(verdict.longestRefusalMs)} ms`,
    "begun again": verdict.resumed,
    "late ends fenced off": verdict.lateEnds,
    "wakes p50 / p99 / longest": `${at(0.5)} / ${at(0.99)} / ${at(1)}`,
  });
}

/** What must hold whatever has happened to a cluster: `run` makes it happen, and reports. */
export function itKeepsItsPromises(
  run: () => Promise<Verdict>,
  limits: { readonly latestWakeMs: number; readonly timeoutMs?: number },
): void {
  let verdict: Verdict;

  beforeAll(async () => {
    verdict = await run();
  }, limits.timeoutMs ?? 300_000);

  it("loses nothing that was acknowledged", () => {
    expect([verdict.acknowledged > 0, verdict.lost.slice(0, 5)]).toEqual([true, []]);
  });

  it("completes no operation twice, and changes none that is done", () => {
    expect([verdict.endedTwice.slice(0, 5), verdict.reverted.slice(0, 5)]).toEqual([[], []]);
  });

  it("starts no request twice", () => {
    expect(verdict.startedTwice).toEqual([]);
  });

  it("ends every operation, in a way that is its own", () => {
    expect([verdict.unended.slice(0, 5), verdict.strange.slice(0, 5)]).toEqual([[], []]);
  });

  it("answers every call that is made again where it was not available", () => {
    expect(verdict.failures.slice(0, 5)).toEqual([]);
  });

  it(`wakes everyone who waits within ${limits.latestWakeMs} ms`, () => {
    expect(verdict.latenessMs.at(-1)).toBeLessThan(limits.latestWakeMs);
  });
}
