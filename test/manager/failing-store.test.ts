import { once } from "node:events";
import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import type { StoredOperation } from "../../src/operation/stored-operation.ts";
import { SimulateWork } from "../../src/simulator/simulate-work.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import { metadataOf, responseOf } from "../service/operation-state.ts";
import { refusalOf } from "../service/refusal.ts";
import { settled, until } from "../until.ts";
import { forever, openManager } from "./open-manager.ts";

/** A store that is away for as long as it is told to. */
class AwayStore extends MemoryStore {
  away = false;
  /** Keeps what it is given, and breaks off before it says so. */
  silent = false;
  refused = 0;

  override async insert(stored: StoredOperation): Promise<boolean> {
    this.#refuseWhileAway();
    return super.insert(stored);
  }

  override async get(name: string): Promise<StoredOperation | undefined> {
    this.#refuseWhileAway();
    return super.get(name);
  }

  override async replace(next: StoredOperation): Promise<boolean> {
    this.#refuseWhileAway();
    const replaced = await super.replace(next);
    if (!this.silent) return replaced;
    this.silent = false;
    throw new Error("the connection broke");
  }

  #refuseWhileAway(): void {
    if (!this.away) return;
    this.refused++;
    throw new Error("the store is away");
  }
}

/** Runs work that ends only while the store is away. */
async function endWhileAway() {
  const opened = openManager({ store: new AwayStore() });
  const { store } = opened;
  const goOn = Promise.withResolvers<void>();
  const { name } = await opened.manager.start(SimulateWork, async ({ progress }) => {
    await goOn.promise;
    progress({ stepsDone: 7 });
    return { payload: "done" };
  });
  store.away = true;
  goOn.resolve();
  await until(() => store.refused > 0);
  await settled();
  return { ...opened, name };
}

describe("a manager whose store is away for a while", () => {
  it("writes how the work ended once the store is back", async () => {
    const { clock, now, name, store } = await endWhileAway();
    store.away = false;
    clock.advance(500);
    await settled();
    expect(responseOf(await now(name)).payload).toBe("done");
  });

  it("writes the last report then too", async () => {
    const { clock, now, name, store } = await endWhileAway();
    store.away = false;
    clock.advance(500);
    await settled();
    expect(metadataOf(await now(name)).stepsDone).toBe(7);
  });

  it("tries again less and less often", async () => {
    const { clock, store } = await endWhileAway();
    const tries: number[] = [];
    for (let second = 0; second < 120; second++) {
      store.refused = 0;
      clock.advance(1_000);
      await settled();
      tries.push(store.refused);
    }
    const [early, late] = [sum(tries.slice(0, 10)), sum(tries.slice(-10))];
    expect([early > late, sum(tries) > 0]).toEqual([true, true]);
  });

  it("logs what the store said", async () => {
    const { logged, name } = await endWhileAway();
    expect(logged[0]).toEqual({
      message: `operation "${name}" could not be written`,
      cause: new Error("the store is away"),
    });
  });

  it("takes an end for written whose answer got lost", async () => {
    const { clock, manager, now, store } = openManager({ store: new AwayStore() });
    const goOn = Promise.withResolvers<void>();
    const { name } = await manager.start(SimulateWork, async () => {
      await goOn.promise;
      return { payload: "done" };
    });
    store.silent = true;
    goOn.resolve();
    await until(() => !store.silent);
    await settled();
    clock.advance(500);
    await settled();
    expect([responseOf(await now(name)).payload, manager.running]).toEqual(["done", 0]);
  });

  it("hears of a cancel once the store is back", async () => {
    const { cancel, clock, logged, manager, store } = openManager({ store: new AwayStore() });
    const { name, signal } = await manager.newOperation(SimulateWork);
    await settled();
    store.away = true;
    store.changes.announce(name);
    await until(() => logged.length > 0);
    store.away = false;
    await cancel(name);
    const aborted = once(signal, "abort");
    clock.advance(500);
    await aborted;
    expect(signal.aborted).toBe(true);
  });

  it("refuses to start work, and does not run it", async () => {
    const { manager, store } = openManager({ store: new AwayStore() });
    store.away = true;
    let ran = false;
    const error = await refusalOf(
      manager.start(SimulateWork, () => {
        ran = true;
        return forever();
      }),
    );
    expect([error.code, ran, manager.running]).toEqual([Code.Unknown, false, 0]);
  });

  it("closes all the same, and leaves no timer behind", async () => {
    const { clock, manager } = await endWhileAway();
    const closing = manager.close();
    await settled();
    clock.advance(10_000);
    await settled();
    await closing;
    await settled();
    expect(clock.pendingTimers).toBe(0);
  });

  it("never rejects where nobody hears it", async () => {
    const unheard: unknown[] = [];
    const note = (reason: unknown) => void unheard.push(reason);
    process.on("unhandledRejection", note);
    try {
      const { clock, manager } = await endWhileAway();
      const closing = manager.close();
      for (let second = 0; second < 60; second++) {
        clock.advance(1_000);
        await settled();
      }
      await closing;
    } finally {
      process.off("unhandledRejection", note);
    }
    expect(unheard).toEqual([]);
  });
});

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
