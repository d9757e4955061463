import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { startPostgres } from "../postgres/postgres-server.ts";
import { openCluster } from "./cluster.ts";
import { ClusterLoad } from "./cluster-load.ts";
import { itKeepsItsPromises, reportVerdict, type Verdict, verdictOf } from "./cluster-verdict.ts";
import { newFolder } from "./disk.ts";

const HOUR_MS = 3_600_000;

/** For how long the cluster is under load: several leases. */
const LOAD_MS = 6_000;

/** The nodes whose clocks are wrong, and by how much at first. */
const SHIFTED: Readonly<Record<string, number>> = {
  "server 0": HOUR_MS,
  "server 1": -HOUR_MS,
  "worker 0": HOUR_MS,
  "worker 1": -HOUR_MS,
};

describe("F10: nodes whose wall clocks are an hour wrong, and jump by two", () => {
  let verdict: Verdict;

  async function run() {
    await using folder = await newFolder();
    await using postgres = await startPostgres();
    const fileOf = (name: string) => join(folder.path, name);
    const shiftAll = (sign: number) =>
      Promise.all(Object.entries(SHIFTED).map(([name, ms]) => writeFile(fileOf(name), String(sign * ms))));
    await shiftAll(1);
    await using cluster = await openCluster(postgres.url, {
      run: (name) =>
        name in SHIFTED
          ? { preload: "./test/faults/shifted-clock.js", env: { SHIFT_FILE: fileOf(name) } }
          : {},
    });
    await using load = new ClusterLoad(cluster.servers);
    await pause(LOAD_MS / 2);
    await shiftAll(-1);
    await pause(LOAD_MS / 2);
    verdict = await verdictOf(cluster, postgres.url, load);
    reportVerdict("F10 clocks 1 h wrong, and jumps of 2 h", verdict);
    return verdict;
  }

  itKeepsItsPromises(run, { latestWakeMs: 3_500 });

  it("takes no work from a worker that is there", () => {
    expect([verdict.resumed, verdict.lateEnds]).toEqual([0, 0]);
  });
});
