import { once } from "node:events";
import { setTimeout as sleepForMs } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import type { Run } from "../../src/manager/work.ts";
import { SimulateWork } from "../../src/simulator/simulate-work.ts";
import { metadataOf, responseOf } from "../service/operation-state.ts";
import { settled } from "../until.ts";
import { errorOf, forever, openManager, reasonsOf } from "./open-manager.ts";

type SimulatedRun = Run<typeof SimulateWork.metadata>;

/** What an operation becomes that is cancelled while its work, which then does `stop`, runs. */
async function cancelled(stop: (run: SimulatedRun) => object | Promise<object>) {
  const opened = openManager();
  const { name } = await opened.manager.start(SimulateWork, async (run) => {
    await once(run.signal, "abort");
    return stop(run);
  });
  await opened.cancel(name);
  return { ...opened, name, operation: await opened.ended(name) };
}

describe("cancelled work", () => {
  it.each([
    [
      "the signal's reason",
      ({ signal }: SimulatedRun) => {
        throw signal.reason;
      },
    ],
    [
      "what throwIfAborted throws",
      ({ signal }: SimulatedRun) => {
        signal.throwIfAborted();
        return {};
      },
    ],
    ["what Node's own timers throw", ({ signal }: SimulatedRun) => sleepForMs(60_000, {}, { signal })],
    [
      "a DOMException of the name AbortError",
      () => {
        throw new DOMException("stopped", "AbortError");
      },
    ],
    [
      "a CANCELLED error",
      () => {
        throw new ConnectError("stopped", Code.Canceled);
      },
    ],
  ])("ends as CANCELLED where it throws %s", async (_what, stop) => {
    const { operation } = await cancelled(stop);
    expect([errorOf(operation)[0], reasonsOf(operation)]).toEqual([Code.Canceled, ["OPERATION_CANCELLED"]]);
  });

  it("ends with its response where it finishes all the same", async () => {
    const { operation } = await cancelled(() => ({ payload: "finished" }));
    expect(responseOf(operation).payload).toBe("finished");
  });

  it("ends with another error of its own", async () => {
    const { operation } = await cancelled(() => {
      throw new ConnectError("broken", Code.DataLoss);
    });
    expect(errorOf(operation)).toEqual([Code.DataLoss, "broken"]);
  });

  it("ends as INTERNAL, and logs why, where it breaks", async () => {
    const { operation, logged } = await cancelled(() => {
      throw new Error("secret");
    });
    expect([errorOf(operation)[0], String(logged[0]?.cause)]).toEqual([Code.Internal, "Error: secret"]);
  });

  it("logs nothing where it stops", async () => {
    const { logged } = await cancelled(({ signal }) => {
      throw signal.reason;
    });
    expect(logged).toEqual([]);
  });

  it("keeps what it reports while it stops", async () => {
    const { operation } = await cancelled(({ progress, signal }) => {
      progress({ cancelRequested: true });
      throw signal.reason;
    });
    expect(metadataOf(operation).cancelRequested).toBe(true);
  });

  it("hears of one abort, however often it is cancelled", async () => {
    const { cancel, manager } = openManager();
    let aborts = 0;
    const { name } = await manager.start(SimulateWork, ({ signal }) => {
      signal.addEventListener("abort", () => aborts++);
      return forever();
    });
    for (let i = 0; i < 3; i++) await cancel(name);
    await settled();
    expect(aborts).toBe(1);
  });

  it("is not the work of another operation", async () => {
    const { cancel, manager } = openManager();
    const signals: AbortSignal[] = [];
    const work = (run: SimulatedRun) => {
      signals.push(run.signal);
      return forever();
    };
    const { name } = await manager.start(SimulateWork, work);
    await manager.start(SimulateWork, work);
    await cancel(name);
    await settled();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
  });
});

describe("work that nobody cancelled", () => {
  it("ends as INTERNAL where it throws an AbortError", async () => {
    const { manager } = openManager();
    const operation = await manager.start(SimulateWork, () => {
      throw new DOMException("a request inside was aborted", "AbortError");
    });
    expect(errorOf(operation)[0]).toBe(Code.Internal);
  });
});

describe("the work of a deleted operation", () => {
  it("goes on, unheard, and its writes vanish", async () => {
    const { manager, store, logged } = openManager();
    const goOn = Promise.withResolvers<void>();
    const signalAtEnd = Promise.withResolvers<boolean>();
    const { name } = await manager.start(SimulateWork, async ({ progress, signal }) => {
      await goOn.promise;
      await progress({ stepsDone: 1 });
      signalAtEnd.resolve(signal.aborted);
      return {};
    });
    await store.delete(name);
    goOn.resolve();
    const aborted = await signalAtEnd.promise;
    await settled();
    expect([aborted, await store.get(name), logged, manager.running]).toEqual([false, undefined, [], 0]);
  });

  it("is told when the server stops", async () => {
    const { clock, manager, store } = openManager();
    const stopped = Promise.withResolvers<void>();
    const { name } = await manager.start(SimulateWork, async ({ signal }) => {
      await once(signal, "abort");
      stopped.resolve();
      throw signal.reason;
    });
    await store.delete(name);
    await settled();
    await Promise.all([manager.close(), stopped.promise]);
    expect([clock.pendingTimers, store.changes.subscriptions]).toEqual([0, 0]);
  });
});
