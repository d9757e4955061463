import { EmptySchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import type { OperationManagerOptions } from "../../src/manager/manager-options.ts";
import { defineOperationType } from "../../src/operation/operation-type.ts";
import { SimulateWork } from "../../src/simulator/simulate-work.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import { keepRunning } from "../service/stored.ts";
import { settled } from "../until.ts";
import { forever, openManager } from "./open-manager.ts";

const DAY_MS = 24 * 60 * 60_000;
const SWEEP_MS = 1_000;

/** Notes what each sweep found, and can refuse to sweep. */
class SweptStore extends MemoryStore {
  readonly batches: number[] = [];
  fault: Error | undefined;

  override async deleteExpired(nowMs: number, limit: number): Promise<number> {
    if (this.fault !== undefined) throw this.fault;
    const count = await super.deleteExpired(nowMs, limit);
    this.batches.push(count);
    return count;
  }
}

function openSwept(retentionMs?: number, options: OperationManagerOptions = {}) {
  const swept = { store: new SweptStore(), sweepIntervalMs: SWEEP_MS, retentionMs };
  const opened = openManager({ ...swept, ...options });
  return {
    ...opened,
    /** Lets time pass, and the sweeps in it come to their end. */
    async pass(ms: number) {
      opened.clock.advance(ms);
      await settled();
    },
  };
}

describe("finished operations", () => {
  it.each([
    ["for their retention, and no longer", 60_000, 60_000],
    ["for 30 days by default", undefined, 30 * DAY_MS],
  ])("are kept %s", async (_how, retentionMs, keptMs) => {
    const { manager, pass, store } = openSwept(retentionMs);
    const { name } = await manager.start(SimulateWork, () => ({}));
    await pass(keptMs - SWEEP_MS);
    await pass(SWEEP_MS - 1);
    const before = await store.get(name);
    await pass(1);
    await pass(SWEEP_MS);
    expect([before?.message.done, await store.get(name)]).toEqual([true, undefined]);
  });

  it("are kept for as long after they were ended elsewhere", async () => {
    const { manager, pass, store } = openSwept(60_000);
    const { name } = await manager.newOperation(SimulateWork);
    await pass(100_000);
    await manager.setResult(SimulateWork, name, {});
    await pass(59_000);
    const before = await store.get(name);
    await pass(1_000);
    await pass(SWEEP_MS);
    expect([before !== undefined, await store.get(name)]).toEqual([true, undefined]);
  });

  it("are not kept while others of the same age still run", async () => {
    const { manager, pass, store } = openSwept(60_000);
    const running = await manager.start(SimulateWork, forever);
    const abandoned = await keepRunning(store);
    for (let day = 0; day < 3; day++) await pass(400 * DAY_MS);
    expect([await store.get(running.name), await store.get(abandoned)]).not.toContain(undefined);
  });

  it("go in batches until none is left", async () => {
    const { manager, pass, store } = openSwept(60_000);
    for (let i = 0; i < 450; i++) {
      const { name } = await manager.newOperation(SimulateWork);
      await manager.setResult(SimulateWork, name, {});
    }
    await pass(60_000);
    await pass(SWEEP_MS);
    expect(store.batches.filter((count) => count > 0)).toEqual([200, 200, 50]);
  });

  it("go at a later sweep where the store refused one, which is logged", async () => {
    const { logged, manager, pass, store } = openSwept(60_000);
    const { name } = await manager.start(SimulateWork, () => ({}));
    store.fault = new Error("the store is away");
    await pass(60_000);
    await pass(SWEEP_MS);
    store.fault = undefined;
    const before = await store.get(name);
    await pass(SWEEP_MS);
    expect([before !== undefined, await store.get(name), logged[0]?.cause]).toEqual([
      true,
      undefined,
      new Error("the store is away"),
    ]);
  });

  it("go where their parent keeps too many of them, those first that ended first", async () => {
    const { manager, pass, store } = openSwept(DAY_MS, { mostKeptPerParent: 2 });
    const names: string[] = [];
    for (let i = 0; i < 4; i++) {
      names.push((await manager.start(SimulateWork, () => ({}))).name);
      await pass(1);
    }
    await pass(SWEEP_MS);
    const kept = await Promise.all(names.map(async (name) => (await store.get(name)) !== undefined));
    expect(kept).toEqual([false, false, true, true]);
  });

  it("stay, however many they are, where nobody caps their number", async () => {
    const { manager, pass, store } = openSwept(DAY_MS);
    for (let i = 0; i < 10; i++) await manager.start(SimulateWork, () => ({}));
    await pass(SWEEP_MS);
    expect((await store.list({ parent: "", limit: 100 })).length).toBe(10);
  });

  it("are kept as long as their type says, rather than their manager", async () => {
    const { manager, pass, store } = openSwept(DAY_MS);
    const brief = defineOperationType({ response: EmptySchema, retentionMs: 1_000 });
    const { name } = await manager.start(brief, () => {});
    await pass(SWEEP_MS);
    expect(await store.get(name)).toBeUndefined();
  });

  it("are swept no more once the manager is closed", async () => {
    const { clock, manager, pass, store } = openSwept(60_000);
    const { name } = await manager.start(SimulateWork, () => ({}));
    await manager.close();
    await pass(DAY_MS);
    expect([await store.get(name), clock.pendingTimers]).not.toContain(undefined);
  });
});
