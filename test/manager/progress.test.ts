import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { SimulateWorkMetadataSchema } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import type { StoredOperation } from "../../src/operation/stored-operation.ts";
import { SimulateWork } from "../../src/simulator/simulate-work.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import { metadataOf, responseOf } from "../service/operation-state.ts";
import { settled, until } from "../until.ts";
import { errorOf, forever, openManager } from "./open-manager.ts";

/** Notes each report that it is asked to keep, and takes none while its gate is shut. */
class GatedStore extends MemoryStore {
  readonly steps: (number | undefined)[] = [];
  gate: Promise<void> | undefined;

  override async replace(next: StoredOperation): Promise<boolean> {
    this.steps.push(next.message.metadata === undefined ? undefined : metadataOf(next.message).stepsDone);
    await this.gate;
    return super.replace(next);
  }
}

describe("the progress of work", () => {
  it("is written once where the work reports a thousand times in one go", async () => {
    const { manager, store } = openManager({ store: new GatedStore() });
    await manager.start(SimulateWork, ({ progress }) => {
      for (let stepsDone = 1; stepsDone <= 1_000; stepsDone++) progress({ stepsDone });
      return forever();
    });
    expect(store.steps).toEqual([1_000]);
  });

  it("is, of what comes during a write, the last report alone", async () => {
    const { manager, store } = openManager({ store: new GatedStore() });
    const opened = Promise.withResolvers<void>();
    store.gate = opened.promise;
    const starting = manager.start(SimulateWork, async ({ progress }) => {
      progress({ stepsDone: 1 });
      await until(() => store.steps.length === 1);
      for (let stepsDone = 2; stepsDone <= 100; stepsDone++) progress({ stepsDone });
      opened.resolve();
      return forever();
    });
    await starting;
    await until(() => store.steps.length === 2);
    await settled();
    expect(store.steps).toEqual([1, 100]);
  });

  it("keeps its last report where the work returns right after it", async () => {
    const { manager } = openManager();
    const operation = await manager.start(SimulateWork, ({ progress }) => {
      progress({ stepsDone: 5 });
      return { payload: "done" };
    });
    expect([metadataOf(operation).stepsDone, operation.done]).toEqual([5, true]);
  });

  it("keeps its last report where the work fails right after it", async () => {
    const { manager } = openManager();
    const operation = await manager.start(SimulateWork, ({ progress }) => {
      progress({ stepsDone: 5 });
      throw new Error("no");
    });
    expect([metadataOf(operation).stepsDone, operation.result.case]).toEqual([5, "error"]);
  });

  it("keeps its last report where an earlier one is still being written when the work returns", async () => {
    const { manager, store, ended } = openManager({ store: new GatedStore() });
    const opened = Promise.withResolvers<void>();
    store.gate = opened.promise;
    const { name } = await manager.start(SimulateWork, async ({ progress }) => {
      progress({ stepsDone: 1 });
      await until(() => store.steps.length === 1);
      progress({ stepsDone: 2 });
      opened.resolve();
      return {};
    });
    expect(metadataOf(await ended(name)).stepsDone).toBe(2);
  });

  it("is kept by the time the work hears so", async () => {
    const { manager, store } = openManager();
    const operation = await manager.start(SimulateWork, async ({ name, progress }) => {
      await progress({ stepsDone: 3 });
      const stored = await store.get(name);
      return { payload: String(stored && metadataOf(stored.message).stepsDone) };
    });
    expect(responseOf(operation).payload).toBe("3");
  });

  it("is encoded before the call returns", async () => {
    const { manager } = openManager();
    const operation = await manager.start(SimulateWork, ({ progress }) => {
      const metadata = create(SimulateWorkMetadataSchema, { stepsDone: 1 });
      progress(metadata);
      metadata.stepsDone = 2;
      return forever();
    });
    expect(metadataOf(operation).stepsDone).toBe(1);
  });

  it("is seen by those who wait, report by report", async () => {
    const { manager, now } = openManager();
    const seen: number[] = [];
    const { name } = await manager.start(SimulateWork, async (run) => {
      for (let stepsDone = 1; stepsDone <= 3; stepsDone++) {
        await run.progress({ stepsDone });
        seen.push(metadataOf(await now(run.name)).stepsDone);
      }
      return {};
    });
    await until(async () => (await now(name)).done);
    expect(seen).toEqual([1, 2, 3]);
  });

  it("throws where the message is of another type, naming both", async () => {
    const { manager } = openManager();
    const thrown = Promise.withResolvers<unknown>();
    await manager.start(SimulateWork, ({ progress }) => {
      try {
        progress(create(SimulateWork.response) as never);
      } catch (error) {
        thrown.resolve(error);
      }
      return {};
    });
    expect(String(await thrown.promise)).toBe(
      "TypeError: a message of type longrunning.testing.v1.SimulateWorkMetadata is needed, and longrunning.testing.v1.SimulateWorkResponse was given",
    );
  });

  it("ends the operation as INTERNAL where a wrong report is not caught", async () => {
    const { manager } = openManager();
    const operation = await manager.start(SimulateWork, ({ progress }) => {
      progress({ stepsDone: 1.5 });
      return {};
    });
    expect(errorOf(operation)[0]).toBe(13);
  });

  it("is of no interest any more after the work has ended", async () => {
    const { manager, now } = openManager();
    let late: (() => Promise<void>) | undefined;
    const { name } = await manager.start(SimulateWork, ({ progress }) => {
      late = () => progress({ stepsDone: 9 });
      return {};
    });
    await late?.();
    expect(metadataOf(await now(name)).stepsDone).toBe(0);
  });
});
