import { describe, expect, it } from "vitest";
import { OperationManager } from "../../src/manager/operation-manager.ts";
import { SimulateWork } from "../../src/simulator/simulate-work.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { describeStoreContract } from "../../src/testing/store-contract.ts";
import { forever } from "../manager/open-manager.ts";
import { Copy } from "../manager/open-shared.ts";
import { settled, until } from "../until.ts";
import { collectTelemetry } from "./collect-telemetry.ts";

const TYPE = { "longrunning.operation.type": "longrunning.testing.v1.SimulateWorkMetadata" };

/** A manager over a store in memory, both of which are measured, on a clock that stands still. */
function openMeasured(options: { readonly store?: MemoryStore; readonly retentionMs?: number } = {}) {
  const clock = new FakeClock();
  const collected = collectTelemetry(clock);
  const { telemetry } = collected;
  const store = telemetry.observedStore(options.store ?? new MemoryStore({ clock }));
  const logger = { error() {} };
  const manager = new OperationManager(store, { clock, logger, ...options, observer: telemetry.observer });
  const ended = (name: string) => until(async () => (await store.get(name))?.message.done === true);
  return { ...collected, clock, store, manager, ended };
}

class BrokenStore extends MemoryStore {
  override async get(): Promise<never> {
    throw new RangeError("no");
  }
}

class HangingStore extends MemoryStore {
  override orphans(): Promise<never> {
    return forever();
  }
}

/** What is measured once nobody waits for the store any longer. */
async function measuredWithout<Value>(clock: FakeClock, measure: () => Promise<Value>): Promise<Value> {
  const measured = measure();
  await settled();
  clock.advance(1_000);
  return measured;
}

describe("the measurements of operations", () => {
  it("count what is started, by type", async () => {
    const { manager, measured } = openMeasured();
    await manager.start(SimulateWork, forever);
    await manager.start(SimulateWork, forever);
    expect(await measured("longrunning.operation.started")).toEqual([{ attributes: TYPE, value: 2 }]);
  });

  it("do not count a request twice", async () => {
    const { manager, measured } = openMeasured();
    const request = { id: crypto.randomUUID() };
    await manager.start(SimulateWork, forever, { request });
    await manager.start(SimulateWork, forever, { request });
    expect((await measured("longrunning.operation.started")).map(({ value }) => value)).toEqual([1]);
  });

  it("tell how long what has ended took, by type and state", async () => {
    const { manager, measured, ended, clock, store } = openMeasured();
    const running = await manager.newOperation(SimulateWork);
    const failing = await manager.newOperation(SimulateWork);
    clock.advance(3_000);
    await manager.setMetadata(SimulateWork, running.name, { stepsDone: 1 });
    await manager.setResult(SimulateWork, running.name, {});
    await manager.setError(failing.name, new Error("no"));
    await Promise.all([ended(running.name), ended(failing.name)]);
    expect([await measured("longrunning.operation.duration"), store.isShared]).toEqual([
      [
        { attributes: { ...TYPE, "longrunning.operation.state": "succeeded" }, value: 1 },
        { attributes: { ...TYPE, "longrunning.operation.state": "failed" }, value: 1 },
      ],
      false,
    ]);
  });

  it("call an operation cancelled that a client has cancelled", async () => {
    const { manager, measured, ended } = openMeasured();
    const { name } = await manager.start(
      SimulateWork,
      ({ signal }) =>
        new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    );
    await manager.cancel(name);
    await ended(name);
    const [point] = await measured("longrunning.operation.duration");
    expect(point?.attributes).toMatchObject({ "longrunning.operation.state": "cancelled" });
  });

  it("tell how long it took to the first report, and of no later one", async () => {
    const { manager, measured, ended } = openMeasured();
    const { name } = await manager.start(SimulateWork, async ({ progress }) => {
      await progress({ stepsDone: 1 });
      await settled();
      await progress({ stepsDone: 2 });
      return {};
    });
    await ended(name);
    expect(await measured("longrunning.operation.first_progress.duration")).toEqual([
      { attributes: TYPE, value: 1 },
    ]);
  });

  it("count the work that runs, and how it ended", async () => {
    const { manager, measured, ended } = openMeasured();
    await manager.start(SimulateWork, forever);
    const { name } = await manager.start(SimulateWork, () => ({}));
    await ended(name);
    await settled();
    expect([await measured("longrunning.work.running"), await measured("longrunning.work.attempts")]).toEqual(
      [
        [{ attributes: TYPE, value: 1 }],
        [{ attributes: { ...TYPE, "longrunning.work.end": "completed" }, value: 1 }],
      ],
    );
  });

  it("tell how much work waits, as the store says", async () => {
    const { manager, measured } = openMeasured();
    manager.register(Copy, forever, { concurrency: 1 });
    for (let i = 0; i < 3; i++) await manager.start(Copy, { value: "x" });
    expect((await measured("longrunning.work.waiting")).map(({ value }) => value)).toEqual([2]);
  });

  it("come though the store hangs, without what it would tell", async () => {
    const clock = new FakeClock();
    const { telemetry, measured } = collectTelemetry(clock);
    telemetry.observedStore(new HangingStore());
    const waiting = await measuredWithout(clock, () => measured("longrunning.work.waiting"));
    expect([waiting, await measuredWithout(clock, () => measured("longrunning.lease.lost"))]).toEqual([
      [],
      [{ attributes: {}, value: 0 }],
    ]);
  });

  it("tell how many the last sweep found, and how many all", async () => {
    const { manager, measured, ended, clock } = openMeasured({ retentionMs: 1 });
    for (let i = 0; i < 3; i++) await ended((await manager.start(SimulateWork, () => ({}))).name);
    clock.advance(60_000);
    await settled();
    clock.advance(60_000);
    await settled();
    const values = [await measured("longrunning.sweep.expired"), await measured("longrunning.sweep.backlog")];
    expect(values.map(([point]) => point?.value)).toEqual([3, 0]);
  });

  it("tell of each call of the store, and of what it fails with", async () => {
    const { store, measured } = openMeasured({ store: new BrokenStore() });
    await store.get("operations/a").catch(() => {});
    expect(await measured("longrunning.store.call.duration")).toContainEqual({
      attributes: { "longrunning.store.call": "get", "error.type": "RangeError" },
      value: 1,
    });
  });

  it("are in seconds", async () => {
    const { manager, unitOf, ended } = openMeasured();
    await ended((await manager.start(SimulateWork, () => ({}))).name);
    expect(await unitOf("longrunning.operation.duration")).toBe("s");
  });
});

describeStoreContract(
  "a store that is observed",
  async () => collectTelemetry().telemetry.observedStore(new MemoryStore()),
  { describe, it },
);
