import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { OperationManager } from "../../src/manager/operation-manager.ts";
import { defineOperationType } from "../../src/operation/operation-type.ts";
import type { StoredOperation } from "../../src/operation/stored-operation.ts";
import { takeOver } from "../../src/operation/transition.ts";
import { SimulateWork } from "../../src/simulator/simulate-work.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import { update } from "../../src/store/update.ts";
import { metadataOf } from "../service/operation-state.ts";
import { refusalOf } from "../service/refusal.ts";
import { settled } from "../until.ts";
import { forever, openManager, reasonsOf } from "./open-manager.ts";

const Copy = defineOperationType({
  response: StringValueSchema,
  onServerLoss: { handler: "test.Copy", input: StringValueSchema },
});

/** Makes the next so many changes, and says that it is not available all the same; or does not make them. */
class DoubtfulStore extends MemoryStore {
  lostInserts = 0;
  lostReplaces = 0;
  refusedReplaces = 0;

  override async insert(stored: StoredOperation): Promise<boolean> {
    const kept = await super.insert(stored);
    if (this.lostInserts-- > 0) throw new ConnectError("the answer is lost", Code.Unavailable);
    return kept;
  }

  override async replace(next: StoredOperation): Promise<boolean> {
    if (this.refusedReplaces-- > 0) throw new ConnectError("refused", Code.Unavailable);
    const kept = await super.replace(next);
    if (this.lostReplaces-- > 0) throw new ConnectError("the answer is lost", Code.Unavailable);
    return kept;
  }
}

describe("a start whose answer was lost on the way from the store", () => {
  it("leaves no operation behind that nobody runs", async () => {
    const { manager, store } = openManager({ store: new DoubtfulStore() });
    store.lostInserts = 1;
    const error = await refusalOf(manager.start(SimulateWork, forever));
    await settled();
    expect([error.code, await store.list({ parent: "", limit: 10 })]).toEqual([Code.Unavailable, []]);
  });

  it("starts the work once where its request comes again", async () => {
    const { manager, store } = openManager({ store: new DoubtfulStore() });
    let begun = 0;
    const work = () => {
      begun++;
      return forever();
    };
    store.lostInserts = 1;
    const request = { request: { id: "r1" } };
    await refusalOf(manager.start(SimulateWork, work, request));
    const { done } = await manager.start(SimulateWork, work, request);
    await settled();
    expect([begun, done, manager.running]).toEqual([1, false, 1]);
  });
});

describe("a start with a request, whose answer was lost on the way from the store", () => {
  const request = { request: { id: "r1" } };

  it("is begun all the same, because another server may have answered with it", async () => {
    const { manager, store, ended } = openManager({ store: new DoubtfulStore() });
    store.lostInserts = 1;
    await refusalOf(manager.start(SimulateWork, () => ({ payload: "done" }), request));
    const { name } = (await store.getByRequest("r1")) ?? { name: "" };
    expect((await ended(name)).result.case).toBe("response");
  });

  it("is begun all the same where its work is a handler's", async () => {
    const { manager, store, clock, ended } = openManager({ store: new DoubtfulStore() });
    manager.register(Copy, () => ({ value: "copied" }));
    store.lostInserts = 1;
    await refusalOf(manager.start(Copy, { value: "x" }, request));
    const { name } = (await store.getByRequest("r1")) ?? { name: "" };
    await settled();
    clock.advance(1_000);
    expect((await ended(name)).result.case).toBe("response");
  });

  it("ends where its work was to run elsewhere, of which nobody there was told", async () => {
    const { manager, store, ended } = openManager({ store: new DoubtfulStore() });
    store.lostInserts = 1;
    await refusalOf(manager.newOperation(SimulateWork, request));
    const { name } = (await store.getByRequest("r1")) ?? { name: "" };
    expect(reasonsOf(await ended(name))).toEqual(["SERVER_LOST"]);
  });
});

describe("work that was taken over with an answer that was lost", () => {
  it("is begun all the same, and once", async () => {
    const { manager, store, clock, ended } = openManager({ store: new DoubtfulStore(), leaseMs: 1_000 });
    const first = new OperationManager(store, { clock, graceMs: 0 });
    first.register(Copy, forever);
    const { name } = await first.start(Copy, { value: "x" });
    const closing = first.close();
    await settled();
    clock.advance(1);
    await closing;
    let begun = 0;
    store.lostReplaces = 1;
    manager.register(Copy, () => {
      begun++;
      return { value: "copied" };
    });
    await settled();
    clock.advance(500);
    await ended(name);
    expect(begun).toBe(1);
  });
});

describe("an attempt that was taken away and given to the same server again", () => {
  it("cannot be ended by the one before it", async () => {
    const { manager, store, now } = openManager();
    const late = Promise.withResolvers<{ value: string }>();
    manager.register(Copy, () => late.promise);
    const { name } = await manager.start(Copy, { value: "x" });
    const owner = (await store.get(name))?.owner ?? "";
    await update(store, name, takeOver(owner, 0));
    late.resolve({ value: "late" });
    await settled();
    expect([(await now(name)).done, manager.running]).toEqual([false, 0]);
  });
});

describe("a report that the store refuses", () => {
  it("is written again, and is kept by the time that the work hears so", async () => {
    const { manager, store, clock, now } = openManager({ store: new DoubtfulStore() });
    let kept = -1;
    const goOn = Promise.withResolvers<void>();
    const { name } = await manager.start(SimulateWork, async ({ name, progress }) => {
      await goOn.promise;
      await progress({ stepsDone: 3 });
      kept = metadataOf(await now(name)).stepsDone;
      return forever();
    });
    store.refusedReplaces = 1;
    goOn.resolve();
    await settled();
    const before = [kept, metadataOf(await now(name)).stepsDone];
    clock.advance(500);
    await settled();
    expect([before, kept]).toEqual([[-1, 0], 3]);
  });
});
