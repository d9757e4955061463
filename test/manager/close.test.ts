import { once } from "node:events";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import type { StoredOperation } from "../../src/operation/stored-operation.ts";
import { SimulateWork } from "../../src/simulator/simulate-work.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import { errorCodeOf, metadataOf, responseOf } from "../service/operation-state.ts";
import { errorInfosOf, refusalOf } from "../service/refusal.ts";
import { settled } from "../until.ts";
import { errorOf, forever, openManager, reasonsOf } from "./open-manager.ts";

const GRACE_MS = 5_000;

/** Takes a new operation only when its gate opens. */
class GatedInsertStore extends MemoryStore {
  gate: Promise<void> = Promise.resolve();

  override async insert(stored: StoredOperation): Promise<boolean> {
    await this.gate;
    return super.insert(stored);
  }
}

describe("OperationManager.close", () => {
  it("tells the work to stop, and gives it until the end of the grace period", async () => {
    const { clock, manager } = openManager({ graceMs: GRACE_MS });
    const stop = Promise.withResolvers<AbortSignal>();
    await manager.start(SimulateWork, async ({ signal }) => {
      signal.addEventListener("abort", () => stop.resolve(signal));
      return forever();
    });
    let closed = false;
    const closing = manager.close().then(() => {
      closed = true;
    });
    const { aborted } = await stop.promise;
    clock.advance(GRACE_MS - 1);
    await settled();
    const closedEarly = closed;
    clock.advance(1);
    await closing;
    expect([aborted, closedEarly, closed]).toEqual([true, false, true]);
  });

  it("has a grace period of 10 seconds by default", async () => {
    const { clock, manager } = openManager();
    const { name, signal } = await manager.newOperation(SimulateWork);
    let closed = false;
    const closing = manager.close().then(() => {
      closed = true;
    });
    await once(signal, "abort");
    clock.advance(9_999);
    await settled();
    const closedEarly = closed;
    clock.advance(1);
    await closing;
    expect([name !== "", closedEarly]).toEqual([true, false]);
  });

  it("ends what has not stopped as ABORTED", async () => {
    const { clock, manager, now } = openManager({ graceMs: GRACE_MS });
    const operation = await manager.start(SimulateWork, forever);
    await closeAfterGrace(manager, clock);
    const ended = await now(operation.name);
    expect([errorOf(ended)[0], reasonsOf(ended)]).toEqual([Code.Aborted, ["SERVER_STOPPED"]]);
  });

  it("does not wait for the grace period where the work stops", async () => {
    const { manager, now } = openManager({ graceMs: GRACE_MS });
    const { name } = await manager.start(SimulateWork, async ({ signal }) => {
      await once(signal, "abort");
      throw signal.reason;
    });
    await manager.close();
    expect(errorCodeOf(await now(name))).toBe(Code.Aborted);
  });

  it.each([
    ["an AbortError", new DOMException("stopped", "AbortError")],
    ["a CANCELLED error", new ConnectError("stopped", Code.Canceled)],
  ])("ends work that stops with %s as ABORTED, for no client cancelled it", async (_what, thrown) => {
    const { manager, now } = openManager({ graceMs: GRACE_MS });
    const { name } = await manager.start(SimulateWork, async ({ signal }) => {
      await once(signal, "abort");
      throw thrown;
    });
    await manager.close();
    expect(errorCodeOf(await now(name))).toBe(Code.Aborted);
  });

  it("lets work succeed that finishes within the grace period", async () => {
    const { manager, now } = openManager({ graceMs: GRACE_MS });
    const { name } = await manager.start(SimulateWork, async ({ signal }) => {
      await once(signal, "abort");
      return { payload: "just in time" };
    });
    await manager.close();
    expect(responseOf(await now(name)).payload).toBe("just in time");
  });

  it("ends work as CANCELLED that a client had cancelled before", async () => {
    const { cancel, manager, now } = openManager({ graceMs: GRACE_MS });
    const goOn = Promise.withResolvers<void>();
    const { name } = await manager.start(SimulateWork, async ({ signal }) => {
      await goOn.promise;
      throw signal.reason;
    });
    await cancel(name);
    await settled();
    const closing = manager.close();
    goOn.resolve();
    await closing;
    expect(errorCodeOf(await now(name))).toBe(Code.Canceled);
  });

  it("lets nothing be written afterwards by work that did not stop", async () => {
    const { clock, manager, now } = openManager({ graceMs: GRACE_MS });
    const goOn = Promise.withResolvers<void>();
    const { name } = await manager.start(SimulateWork, async ({ progress }) => {
      await goOn.promise;
      await progress({ stepsDone: 9 });
      return { payload: "too late" };
    });
    await closeAfterGrace(manager, clock);
    const before = await now(name);
    goOn.resolve();
    await settled();
    expect(await now(name)).toEqual(before);
  });

  it("keeps the last report of work that did not stop", async () => {
    const { clock, manager, now } = openManager({ graceMs: GRACE_MS });
    const { name } = await manager.start(SimulateWork, ({ progress }) => {
      progress({ stepsDone: 4 });
      return forever();
    });
    await closeAfterGrace(manager, clock);
    expect(metadataOf(await now(name)).stepsDone).toBe(4);
  });

  it("refuses new work as UNAVAILABLE from the moment it is called", async () => {
    const { manager } = openManager();
    const closing = manager.close();
    const errors = [
      await refusalOf(manager.start(SimulateWork, forever)),
      await refusalOf(manager.newOperation(SimulateWork)),
    ];
    await closing;
    expect(errors.map((error) => [error.code, errorInfosOf(error)[0]?.reason])).toEqual([
      [Code.Unavailable, "SERVER_STOPPING"],
      [Code.Unavailable, "SERVER_STOPPING"],
    ]);
  });

  it("keeps no operation of what it refuses", async () => {
    const { manager, store } = openManager();
    await manager.close();
    await refusalOf(manager.start(SimulateWork, forever));
    expect(await store.list({ parent: "", limit: 1 })).toEqual([]);
  });

  it("is one close, however often it is called", async () => {
    const { manager } = openManager();
    expect(manager.close()).toBe(manager.close());
    await manager[Symbol.asyncDispose]();
  });

  it("stops work whose operation is being kept while it is called", async () => {
    const { manager, now, store } = openManager({ store: new GatedInsertStore(), graceMs: GRACE_MS });
    const opened = Promise.withResolvers<void>();
    store.gate = opened.promise;
    const starting = manager.start(SimulateWork, async ({ signal }) => {
      if (!signal.aborted) await once(signal, "abort");
      throw signal.reason;
    });
    const closing = manager.close();
    opened.resolve();
    const [{ name }] = await Promise.all([starting, closing]);
    expect(errorCodeOf(await now(name))).toBe(Code.Aborted);
  });

  it("leaves no timer, no listener and nothing running", async () => {
    const { clock, manager, store } = openManager({ graceMs: GRACE_MS });
    for (let i = 0; i < 5; i++) await manager.start(SimulateWork, forever);
    await manager.newOperation(SimulateWork);
    await closeAfterGrace(manager, clock);
    await settled();
    expect([clock.pendingTimers, store.changes.subscriptions]).toEqual([0, 0]);
  });

  it("leaves operations alone that are done", async () => {
    const { manager, now } = openManager();
    const operation = await manager.start(SimulateWork, () => ({ payload: "done" }));
    await manager.close();
    expect(await now(operation.name)).toEqual(operation);
  });
});

/** Closes a manager, and lets its grace period pass. */
async function closeAfterGrace(
  manager: ReturnType<typeof openManager>["manager"],
  clock: ReturnType<typeof openManager>["clock"],
): Promise<void> {
  const closing = manager.close();
  await settled();
  clock.advance(GRACE_MS);
  await closing;
}
