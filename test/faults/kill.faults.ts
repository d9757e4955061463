import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { beforeAll, describe, expect, it } from "vitest";
import { newFolder } from "./disk.ts";
import { cycles, report } from "./program.ts";
import { everyOperation, openServer, type Server } from "./server.ts";
import { EverythingTold } from "./told.ts";

const CYCLES = cycles(100);
const CLIENTS = 20;

/** How long an operation may take to end whose server is gone, once another one is there. */
const PATIENCE_MS = 5_000;

let payloads = 0;

/** Starts operations, waits for most of them and deletes some, until the server is gone. */
async function use(server: Server, told: EverythingTold): Promise<void> {
  const { operations, simulator } = server;
  for (;;) {
    const payload = `payload ${payloads++}`;
    const isLong = payloads % 10 === 0;
    const duration = durationFromMs(isLong ? 600_000 : Math.floor(Math.random() * 50));
    const started = await simulator.simulateWork({ duration, steps: 3, payload });
    told.started(started, payload);
    if (isLong) continue;
    const ended = await operations.waitOperation({ name: started.name, timeout: durationFromMs(10_000) });
    told.seen(ended);
    if (payloads % 5 !== 1) continue;
    told.deleting(started.name);
    await operations.deleteOperation({ name: started.name });
    told.deleted(started.name);
  }
}

/** Uses a server until it is killed. Answers the errors that came before. */
async function useUntilKilled(server: Server, told: EverythingTold): Promise<unknown[]> {
  const errors: unknown[] = [];
  let killed = false;
  const clients = Array.from({ length: CLIENTS }, () =>
    use(server, told).catch((error: unknown) => {
      if (!killed) errors.push(error);
    }),
  );
  await pause(100 + Math.random() * 900);
  killed = true;
  await server.program.kill();
  await Promise.all(clients);
  return errors;
}

/** Holds what a server keeps against what was told, and waits for the end of what runs. Answers what does not end. */
async function checkAfterRestart(server: Server, told: EverythingTold): Promise<string[]> {
  const running = told.check(await everyOperation(server));
  const timeout = durationFromMs(PATIENCE_MS);
  const ends = await Promise.all(running.map((name) => server.operations.waitOperation({ name, timeout })));
  for (const end of ends) told.seen(end);
  return ends.filter(({ done }) => !done).map(({ name }) => name);
}

describe("F1: kill -9 of a server that many use", () => {
  const told = new EverythingTold();
  const errors: unknown[] = [];
  const unended = new Set<string>();

  beforeAll(async () => {
    await using folder = await newFolder();
    const store = `sqlite:${join(folder.path, "operations.db")}`;
    for (let cycle = 0; cycle <= CYCLES; cycle++) {
      await using server = await openServer(["--store", store]);
      for (const name of await checkAfterRestart(server, told)) unended.add(name);
      if (cycle < CYCLES) errors.push(...(await useUntilKilled(server, told)));
    }
    const { acknowledged, lost, reverted, aborted } = told;
    report("F1 kill -9", {
      cycles: CYCLES,
      acknowledged,
      lost: lost.length,
      reverted: reverted.length,
      "aborted with their server": aborted,
      "without an end": unended.size,
    });
  }, 30 * 60_000);

  it("answers without an error until then", () => {
    expect(errors.slice(0, 3)).toEqual([]);
  });

  it("loses no operation that was acknowledged, and no deletion", () => {
    expect([told.acknowledged > 0, told.lost.slice(0, 5)]).toEqual([true, []]);
  });

  it("changes nothing of an operation that was seen done", () => {
    expect(told.reverted.slice(0, 5)).toEqual([]);
  });

  it("ends each operation with its own result, or as ABORTED with SERVER_LOST", () => {
    expect(told.strange.slice(0, 5)).toEqual([]);
  });

  it("leaves no operation running that nobody works on", () => {
    expect([...unended].slice(0, 5)).toEqual([]);
  });
});
