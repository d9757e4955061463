import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { anyUnpack, durationFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { SimulateWorkMetadataSchema } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import { until } from "../until.ts";
import { newFolder } from "./disk.ts";
import { freeze, report, runProgram, thaw } from "./program.ts";
import { openServer, payloadOf, type Server } from "./server.ts";
import { changesOf, startWork } from "./work.ts";

const HOUR_MS = 3_600_000;

/** Starts another server on the same file, and answers its exit code and what it says. */
async function startAnother(
  file: string,
): Promise<{ code: number | null; out: number; err: readonly string[] }> {
  await using another = runProgram("src/server/main.ts", ["--port", "0", "--store", `sqlite:${file}`]);
  return { code: await another.ended, out: another.out.length, err: another.err };
}

const REFUSED = {
  code: 1,
  out: 0,
  err: [expect.stringMatching(/^operations database ".+": it is in use already, .+PostgreSQL$/)],
};

describe("F2: SIGSTOP beyond the lease", () => {
  it("lets the work go on, and end once; who wants the file meanwhile is refused", async () => {
    await using folder = await newFolder();
    const file = join(folder.path, "operations.db");
    await using server = await openServer(["--store", `sqlite:${file}`, "--lease", "1s"]);
    const work = await startWork(server, 20, 1_500);
    await freeze(server.program);
    const another = await startAnother(file);
    await pause(3_000);
    thaw(server.program);
    const payloads = (await work.ends).map(payloadOf);
    const code = await server.program.stop();
    const changes = await changesOf(file, work.names);
    report("F2 SIGSTOP for 3 s, lease 1 s", {
      operations: payloads.length,
      "ended with their result": payloads.filter((payload) => payload !== undefined).length,
    });
    expect({ payloads, code, changes, another }).toEqual({
      payloads: work.names.map((_, i) => `payload ${i}`),
      code: 0,
      changes: new Set(["1 changes, 0 restarts"]),
      another: REFUSED,
    });
  });
});

describe("F11: an event loop that is stalled for 5 s", () => {
  it("keeps its lease, and ends each operation once; who wants the file meanwhile is refused", async () => {
    await using folder = await newFolder();
    const file = join(folder.path, "operations.db");
    const options = JSON.stringify({ leaseMs: 1_000 });
    await using server = await openServer([file, options], { program: "test/faults/stalling-server.ts" });
    const work = await startWork(server, 20, 2_000);
    const duration = durationFromMs(500);
    const stalling = await server.simulator.simulateWork({ duration, payload: "stall 5000" });
    await pause(1_000);
    const askedMs = performance.now();
    const asked = server.operations.getOperation({ name: stalling.name });
    const another = await startAnother(file);
    await asked;
    const stalledMs = performance.now() - askedMs;
    const payloads = (await work.ends).map(payloadOf);
    const end = await server.operations.waitOperation({ name: stalling.name });
    const code = await server.program.stop();
    const changes = await changesOf(file, [...work.names, stalling.name]);
    report("F11 event loop stalled, lease 1 s", {
      "stalled for": `${Math.round(stalledMs)} ms`,
      operations: payloads.length + 1,
      "ended with their result": payloads.filter((payload) => payload !== undefined).length + 1,
    });
    expect({ stalled: stalledMs > 3_000, payloads, end: payloadOf(end), code, changes, another }).toEqual({
      stalled: true,
      payloads: work.names.map((_, i) => `payload ${i}`),
      end: "stall 5000",
      code: 0,
      changes: new Set(["1 changes, 0 restarts"]),
      another: REFUSED,
    });
  });
});

/** A server whose wall clock `shift` moves. */
async function openShiftableServer(folder: string, args: readonly string[], program?: string) {
  const shiftFile = join(folder, "shift");
  const shift = async (ms: number) => {
    await writeFile(shiftFile, String(ms));
    // The server looks every 10 ms.
    await pause(50);
  };
  await shift(0);
  const server = await openServer(args, {
    preload: "./test/faults/shifted-clock.js",
    env: { SHIFT_FILE: shiftFile },
    ...(program === undefined ? {} : { program }),
  });
  return { server, shift };
}

/** How many hours a server's wall clock is ahead of ours. */
async function aheadHours(server: Server): Promise<number> {
  const { metadata } = await server.simulator.simulateWork({});
  const createTime = metadata && anyUnpack(metadata, SimulateWorkMetadataSchema)?.createTime;
  if (createTime === undefined) return Number.NaN;
  // No negative zero.
  return Math.round((timestampMs(createTime) - Date.now()) / HOUR_MS) + 0;
}

describe("F10: a wall clock that jumps", () => {
  it("ends no work and no wait too early or too late", async () => {
    await using folder = await newFolder();
    const file = join(folder.path, "operations.db");
    const args = ["--store", `sqlite:${file}`, "--lease", "1s", "--retention", "4h"];
    const { server, shift } = await openShiftableServer(folder.path, args);
    await using _server = server;
    const startedMs = performance.now();
    const work = await startWork(server, 20, 9_000);
    const [first = ""] = work.names;
    const waits: number[] = [];
    const ahead: number[] = [];
    for (const ms of [HOUR_MS, -HOUR_MS, 0]) {
      const waitedFromMs = performance.now();
      const waiting = server.operations.waitOperation({ name: first, timeout: durationFromMs(2_000) });
      await shift(ms);
      ahead.push(await aheadHours(server));
      await waiting;
      waits.push(performance.now() - waitedFromMs);
    }
    const payloads = (await work.ends).map(payloadOf);
    const tookMs = performance.now() - startedMs;
    const code = await server.program.stop();
    const changes = await changesOf(file, work.names);
    report("F10 clock jumps of 1 h", {
      jumps: 3,
      operations: payloads.length,
      "ended with their result": payloads.filter((payload) => payload !== undefined).length,
      "waits of 2 s took": waits.map((ms) => `${Math.round(ms)} ms`).join(" "),
    });
    expect({
      ahead,
      waits: waits.map((ms) => ms >= 1_990 && ms < 2_500),
      payloads,
      tookMs: tookMs >= 9_000 && tookMs < 11_000,
      code,
      changes,
    }).toEqual({
      ahead: [1, -1, 0],
      waits: [true, true, true],
      payloads: work.names.map((_, i) => `payload ${i}`),
      tookMs: true,
      code: 0,
      changes: new Set(["1 changes, 0 restarts"]),
    });
  });

  it("forgets what is done when its retention is over by that clock, and nothing that runs", async () => {
    await using folder = await newFolder();
    const options = JSON.stringify({ leaseMs: 1_000, retentionMs: 2 * HOUR_MS, sweepIntervalMs: 100 });
    const args = [join(folder.path, "operations.db"), options];
    const { server, shift } = await openShiftableServer(folder.path, args, "test/faults/stalling-server.ts");
    await using _server = server;
    const work = await startWork(server, 1, 60_000);
    const { ends } = await startWork(server, 1, 0);
    const [done] = await ends;
    const kept = async () => (await server.operations.listOperations({ name: "operations" })).operations;
    const counts: number[] = [];
    for (const ms of [HOUR_MS, -HOUR_MS, 0]) {
      await shift(ms);
      await pause(500);
      counts.push((await kept()).length);
    }
    await shift(2 * HOUR_MS + 1_000);
    await until(async () => (await kept()).length === 1);
    const left = await kept();
    work.ends.catch(() => {});
    report("F10 clock jumps of 1 h, retention 2 h", {
      "kept after each jump": counts.join(" "),
      "2 h later": left.length,
    });
    expect([done?.done, counts, left.map(({ name, done }) => [name, done])]).toEqual([
      true,
      [2, 2, 2],
      [[work.names[0], false]],
    ]);
  });
});
