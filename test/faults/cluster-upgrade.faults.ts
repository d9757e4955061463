import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { ask } from "../postgres/ask.ts";
import { startPostgres } from "../postgres/postgres-server.ts";
import { openCluster } from "./cluster.ts";
import { ClusterLoad } from "./cluster-load.ts";
import type { NodeOptions } from "./cluster-node.ts";
import { itKeepsItsPromises, reportVerdict, type Verdict, verdictOf } from "./cluster-verdict.ts";
import { runProgram } from "./program.ts";

/** The version that comes after this one: its migration, and whether this one still works with what it makes. */
function nextVersion(sql: string, oldestCompatible: "this" | "next"): NodeOptions & { preload: string } {
  return {
    preload: "./test/faults/next-version.js",
    env: { NEXT_VERSION: sql, OLDEST_COMPATIBLE: oldestCompatible },
  };
}

const EXPANDED = `
  alter table operations add column of_the_next_version text;
  create index operations_of_the_next_version on operations (of_the_next_version);
`;

describe("F14: a rolling upgrade of all nodes, one after another, by SIGTERM", () => {
  let verdict: Verdict;
  let codes: (number | null)[];
  let versions: readonly object[];

  async function run() {
    await using postgres = await startPostgres();
    await using cluster = await openCluster(postgres.url);
    await using load = new ClusterLoad(cluster.servers);
    await pause(1_000);
    codes = [];
    // The first one that is new migrates the tables, below the old ones.
    for (const node of cluster.nodes) {
      codes.push(await node.program.stop());
      await node.start(nextVersion(EXPANDED, "this"));
      await pause(500);
    }
    verdict = await verdictOf(cluster, postgres.url, load);
    versions = await ask(
      postgres.url,
      `select version - oldest_compatible as ahead, count(of_the_next_version) as written
       from longrunning.schema_version left join longrunning.operations on true group by 1`,
    );
    reportVerdict("F14 rolling upgrade", verdict, { nodes: cluster.nodes.length });
    return verdict;
  }

  itKeepsItsPromises(run, { latestWakeMs: 5_000 });

  it("stops every node well", () => {
    expect(codes).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it("leaves the tables of the next version", () => {
    expect(versions).toEqual([{ ahead: 1, written: "0" }]);
  });

  it("loses no call that is under way", () => {
    expect(verdict.unknown).toBe(0);
  });
});

describe("F14: a next version that this one cannot work with", () => {
  it("keeps this one from starting, with a sentence that says why", { timeout: 60_000 }, async () => {
    await using postgres = await startPostgres();
    const args = ["--store", postgres.url, "--port", "0"];
    const { preload, env } = nextVersion("alter table operations drop column input", "next");
    await using next = runProgram("src/server/main.ts", args, {
      preload,
      ...(env === undefined ? {} : { env }),
    });
    await next.firstLine();
    await next.stop();
    await using old = runProgram("src/server/main.ts", args);
    const code = await old.ended;
    expect({ code, out: old.out, err: old.err }).toEqual({
      code: 1,
      out: [],
      err: [
        expect.stringMatching(
          /^operations database ".+": it was made by a newer version of longrunning \(schema \d+, /,
        ),
      ],
    });
  });
});
