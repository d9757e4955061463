import { create } from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { StatusSchema } from "../../gen/google/rpc/status_pb.ts";
import { SimulateWorkMetadataSchema } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import { defineOperationType } from "../../src/operation/operation-type.ts";
import { SimulateWork } from "../../src/simulator/simulate-work.ts";
import { metadataOf, responseOf } from "../service/operation-state.ts";
import { refusalOf, violatedFieldsOf } from "../service/refusal.ts";
import { settled } from "../until.ts";
import { forever, openManager } from "./open-manager.ts";

describe("OperationManager.start", () => {
  it("names the operation with 128 random bits", async () => {
    const { manager } = openManager();
    expect((await manager.start(SimulateWork, forever)).name).toMatch(/^operations\/[0-9a-f]{32}$/);
  });

  it("names the operation below its parent", async () => {
    const { manager } = openManager();
    const { name } = await manager.start(SimulateWork, forever, { parent: "projects/p" });
    expect(name).toMatch(/^projects\/p\/operations\/[0-9a-f]{32}$/);
  });

  it("tells the work the operation's name", async () => {
    const { manager } = openManager();
    const operation = await manager.start(SimulateWork, async ({ name }) => ({ payload: name }));
    expect(responseOf(operation).payload).toBe(operation.name);
  });

  it("gives the work a signal that is not aborted", async () => {
    const { manager } = openManager();
    const operation = await manager.start(SimulateWork, async ({ signal }) => ({
      payload: `${signal.aborted}`,
    }));
    expect(responseOf(operation).payload).toBe("false");
  });

  it("answers while the work runs", async () => {
    const { manager } = openManager();
    expect((await manager.start(SimulateWork, forever)).done).toBe(false);
  });

  it("keeps the operation before the work begins", async () => {
    const { manager, store } = openManager();
    const kept = Promise.withResolvers<boolean>();
    await manager.start(SimulateWork, async ({ name }) => {
      kept.resolve((await store.get(name)) !== undefined);
      return {};
    });
    expect(await kept.promise).toBe(true);
  });

  it.each([
    ["an async function", async () => ({ payload: "done" })],
    ["a function", () => ({ payload: "done" })],
    [
      "a function that waits for a promise or two",
      async () => {
        await Promise.resolve();
        await Promise.resolve();
        return { payload: "done" };
      },
    ],
  ])("answers a done operation for %s that ends at once", async (_what, work) => {
    const { manager } = openManager();
    expect(responseOf(await manager.start(SimulateWork, work)).payload).toBe("done");
  });

  it.each([
    ["rejects", () => Promise.reject(new Error("no"))],
    [
      "throws",
      () => {
        throw new Error("no");
      },
    ],
  ])("answers a done operation, and no RPC error, for work that %s at once", async (_how, work) => {
    const { manager } = openManager();
    const { done, result } = await manager.start(SimulateWork, work);
    expect([done, result.case]).toEqual([true, "error"]);
  });

  it("answers with the first metadata that the work reports before it waits", async () => {
    const { manager } = openManager();
    const operation = await manager.start(SimulateWork, ({ progress }) => {
      progress({ stepsDone: 1 });
      return forever();
    });
    expect(metadataOf(operation).stepsDone).toBe(1);
  });

  it("answers with the metadata that it is started with", async () => {
    const { manager } = openManager();
    const operation = await manager.start(SimulateWork, forever, { metadata: { stepsTotal: 5 } });
    expect(metadataOf(operation).stepsTotal).toBe(5);
  });

  it("encodes the first metadata before the call returns", async () => {
    const { manager } = openManager();
    const metadata = create(SimulateWorkMetadataSchema, { stepsTotal: 5 });
    const starting = manager.start(SimulateWork, forever, { metadata });
    metadata.stepsTotal = 6;
    expect(metadataOf(await starting).stepsTotal).toBe(5);
  });

  it("has no metadata where nobody gave any, and its type has nothing to fill", async () => {
    const { manager } = openManager();
    const plain = defineOperationType({ response: EmptySchema, metadata: StatusSchema });
    expect((await manager.start(plain, forever)).metadata).toBeUndefined();
  });

  it.each([
    ["retentionMs", Number.NaN],
    ["retentionMs", -1],
    ["graceMs", -1],
    ["leaseMs", 0],
    ["leaseMs", Number.NaN],
    ["sweepIntervalMs", 0],
  ])("refuses a %s of %d", (option, value) => {
    expect(() => openManager({ [option]: value })).toThrow(`${option} is ${value}`);
  });

  it("refuses metadata of another type, naming both, and keeps no operation", async () => {
    const { manager, store } = openManager();
    const metadata = create(SimulateWork.response) as never;
    const error = await manager.start(SimulateWork, forever, { metadata }).catch((e: unknown) => e);
    expect([String(error), await store.list({ parent: "", limit: 1 })]).toEqual([
      "TypeError: a message of type longrunning.testing.v1.SimulateWorkMetadata is needed, and longrunning.testing.v1.SimulateWorkResponse was given",
      [],
    ]);
  });

  it.each(["projects//x", "/", "operations", "projects/p/operations/x", "projects/p/"])(
    'refuses the parent "%s"',
    async (parent) => {
      const { manager } = openManager();
      const error = await refusalOf(manager.start(SimulateWork, forever, { parent }));
      expect([error.code, violatedFieldsOf(error)]).toEqual([Code.InvalidArgument, ["parent"]]);
    },
  );

  it("changes nothing that its caller later does to the answer", async () => {
    const { manager, now } = openManager();
    const operation = await manager.start(SimulateWork, async () => ({ payload: "done" }));
    operation.done = false;
    operation.result = { case: undefined };
    expect(responseOf(await now(operation.name)).payload).toBe("done");
  });

  it("counts what runs", async () => {
    const { manager } = openManager();
    const stop = Promise.withResolvers<void>();
    await manager.start(SimulateWork, async () => {
      await stop.promise;
      return {};
    });
    const before = manager.running;
    stop.resolve();
    await settled();
    expect([before, manager.running]).toEqual([1, 0]);
  });

  it("leaves nothing behind once the work has ended", async () => {
    const { manager, store, clock } = openManager();
    await settled();
    const timers = clock.pendingTimers;
    const goOn = Promise.withResolvers<void>();
    const { name } = await manager.start(SimulateWork, async () => {
      await goOn.promise;
      return {};
    });
    goOn.resolve();
    await settled();
    expect([(await store.get(name))?.message.done, store.changes.subscriptions, clock.pendingTimers]).toEqual(
      [true, 0, timers],
    );
  });
});
