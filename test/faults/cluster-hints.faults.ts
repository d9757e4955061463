import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { startPostgres } from "../postgres/postgres-server.ts";
import { openCluster } from "./cluster.ts";
import { ClusterLoad } from "./cluster-load.ts";
import { itKeepsItsPromises, reportVerdict, type Verdict, verdictOf } from "./cluster-verdict.ts";

/** For how long the cluster is under load. */
const LOAD_MS = 6_000;

/** A server looks for itself at least so often, in milliseconds. */
const SWEEP_MS = 2_000;

/** What a machine may need beyond that on which everything runs at once. */
const SLACK_MS = 1_500;

// Half of those who wait must be told later than hints would tell them, or no hint was spoiled.
const FAULTS: readonly { readonly hints: string; readonly medianIsAboveMs: number }[] = [
  { hints: "lost", medianIsAboveMs: 250 },
  { hints: "doubled", medianIsAboveMs: 0 },
  { hints: "reordered", medianIsAboveMs: 100 },
];

describe.each(FAULTS)("F9: hints that are $hints", ({ hints, medianIsAboveMs }) => {
  let verdict: Verdict;

  async function run() {
    await using postgres = await startPostgres();
    const preload = "./test/faults/faulty-hints.js";
    await using cluster = await openCluster(postgres.url, {
      run: () => ({ preload, env: { HINTS: hints } }),
    });
    await using load = new ClusterLoad(cluster.servers);
    await pause(LOAD_MS);
    verdict = await verdictOf(cluster, postgres.url, load);
    reportVerdict(`F9 hints ${hints}`, verdict);
    return verdict;
  }

  itKeepsItsPromises(run, { latestWakeMs: SWEEP_MS + SLACK_MS });

  it("spoils them", () => {
    expect(verdict.latenessMs[Math.floor(verdict.latenessMs.length / 2)]).toBeGreaterThanOrEqual(
      medianIsAboveMs,
    );
  });
});
