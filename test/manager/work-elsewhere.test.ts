import { once } from "node:events";
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { StatusSchema } from "../../gen/google/rpc/status_pb.ts";
import {
  SimulateWorkMetadataSchema,
  SimulateWorkResponseSchema,
} from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import type { OperationManager } from "../../src/manager/operation-manager.ts";
import { SimulateWork } from "../../src/simulator/simulate-work.ts";
import { metadataOf, responseOf } from "../service/operation-state.ts";
import { refusalOf } from "../service/refusal.ts";
import { settled } from "../until.ts";
import { errorOf, openManager, reasonsOf } from "./open-manager.ts";

type Change = (manager: OperationManager, name: string) => Promise<void>;

const CHANGES: readonly (readonly [what: string, change: Change])[] = [
  ["setMetadata", (manager, name) => manager.setMetadata(SimulateWork, name, {})],
  ["setResult", (manager, name) => manager.setResult(SimulateWork, name, {})],
  ["setError", (manager, name) => manager.setError(name, new ConnectError("no", Code.Aborted))],
];

describe("an operation whose work runs elsewhere", () => {
  it("runs, with the metadata that it is made with", async () => {
    const { manager } = openManager();
    const { operation } = await manager.newOperation(SimulateWork, { metadata: { stepsTotal: 3 } });
    expect([operation.done, metadataOf(operation).stepsTotal]).toEqual([false, 3]);
  });

  it("is named as its answer is", async () => {
    const { manager } = openManager();
    const { name, operation } = await manager.newOperation(SimulateWork, { parent: "projects/p" });
    expect([operation.name, name.startsWith("projects/p/operations/")]).toEqual([name, true]);
  });

  it("shows the metadata that is set", async () => {
    const { manager, now } = openManager();
    const { name } = await manager.newOperation(SimulateWork);
    await manager.setMetadata(SimulateWork, name, { stepsDone: 2 });
    expect(metadataOf(await now(name)).stepsDone).toBe(2);
  });

  it("is done with the result that is set, and keeps its metadata", async () => {
    const { manager, now } = openManager();
    const { name } = await manager.newOperation(SimulateWork, { metadata: { stepsDone: 2 } });
    await manager.setResult(SimulateWork, name, { payload: "from elsewhere" });
    const operation = await now(name);
    expect([responseOf(operation).payload, metadataOf(operation).stepsDone]).toEqual(["from elsewhere", 2]);
  });

  it("is done with the ConnectError that is set", async () => {
    const { manager, now } = openManager();
    const { name } = await manager.newOperation(SimulateWork);
    await manager.setError(name, new ConnectError("no", Code.DataLoss));
    expect(errorOf(await now(name))).toEqual([Code.DataLoss, "no"]);
  });

  it("is done with the status that is set", async () => {
    const { manager, now } = openManager();
    const { name } = await manager.newOperation(SimulateWork);
    await manager.setError(name, create(StatusSchema, { code: Code.OutOfRange, message: "no" }));
    expect(errorOf(await now(name))).toEqual([Code.OutOfRange, "no"]);
  });

  it.each([0, -1, 17])("fails as UNKNOWN with a status of code %d, which no error has", async (code) => {
    const { manager, now } = openManager();
    const { name } = await manager.newOperation(SimulateWork);
    await manager.setError(name, create(StatusSchema, { code, message: "no" }));
    expect(errorOf(await now(name))).toEqual([Code.Unknown, "no"]);
  });

  it("keeps the text of any other error in the log", async () => {
    const { logged, manager, now } = openManager();
    const { name } = await manager.newOperation(SimulateWork);
    await manager.setError(name, new Error("secret"));
    const operation = await now(name);
    expect([
      errorOf(operation)[1].includes("secret"),
      reasonsOf(operation),
      String(logged[0]?.cause),
    ]).toEqual([false, ["WORK_FAILED"], "Error: secret"]);
  });

  it("takes messages as they are when the call is made", async () => {
    const { manager, now } = openManager();
    const { name } = await manager.newOperation(SimulateWork);
    const metadata = create(SimulateWorkMetadataSchema, { stepsDone: 1 });
    const response = create(SimulateWorkResponseSchema, { payload: "first" });
    const writing = [manager.setMetadata(SimulateWork, name, metadata)];
    metadata.stepsDone = 2;
    await Promise.all(writing);
    const ending = manager.setResult(SimulateWork, name, response);
    response.payload = "second";
    await ending;
    const operation = await now(name);
    expect([metadataOf(operation).stepsDone, responseOf(operation).payload]).toEqual([1, "first"]);
  });

  it("takes a status as it is when the call is made", async () => {
    const { manager, now } = openManager();
    const { name } = await manager.newOperation(SimulateWork);
    const status = create(StatusSchema, { code: Code.Aborted, message: "first" });
    const ending = manager.setError(name, status);
    status.message = "second";
    await ending;
    expect(errorOf(await now(name))).toEqual([Code.Aborted, "first"]);
  });

  it("refuses a message of another type, and stays as it is", async () => {
    const { manager, now } = openManager();
    const { name, operation } = await manager.newOperation(SimulateWork);
    const wrong = create(SimulateWorkMetadataSchema) as never;
    const error: unknown = await manager.setResult(SimulateWork, name, wrong).catch((e: unknown) => e);
    expect([error instanceof TypeError, await now(name)]).toEqual([true, operation]);
  });

  it.each(CHANGES)("is NOT_FOUND for %s where there is none of the name", async (_what, change) => {
    const { manager } = openManager();
    expect((await refusalOf(change(manager, "operations/unknown"))).code).toBe(Code.NotFound);
  });

  it.each(CHANGES)("is NOT_FOUND for %s after it was deleted", async (_what, change) => {
    const { manager, store } = openManager();
    const { name } = await manager.newOperation(SimulateWork);
    await store.delete(name);
    expect((await refusalOf(change(manager, name))).code).toBe(Code.NotFound);
  });

  it.each(CHANGES)("is a failed precondition for %s, and stays, when it is done", async (_what, change) => {
    const { manager, now } = openManager();
    const { name } = await manager.newOperation(SimulateWork);
    await manager.setResult(SimulateWork, name, { payload: "the first" });
    const before = await now(name);
    const error = await refusalOf(change(manager, name));
    expect([error.code, await now(name)]).toEqual([Code.FailedPrecondition, before]);
  });

  it("is ended by one of many who try at once", async () => {
    const { manager } = openManager();
    const { name } = await manager.newOperation(SimulateWork);
    const tries = Array.from({ length: 20 }, (_, i) =>
      manager.setResult(SimulateWork, name, { payload: `${i}` }),
    );
    const outcomes = await Promise.allSettled(tries);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  it("has a signal that aborts as CANCELLED when a client cancels", async () => {
    const { cancel, manager } = openManager();
    const { name, signal } = await manager.newOperation(SimulateWork);
    const aborted = once(signal, "abort");
    await cancel(name);
    await aborted;
    expect(ConnectError.from(signal.reason).code).toBe(Code.Canceled);
  });

  it("has a signal that another manager's cancel reaches", async () => {
    const { cancel, store } = openManager();
    const other = openManager({ store });
    const { name, signal } = await other.manager.newOperation(SimulateWork);
    const aborted = once(signal, "abort");
    await cancel(name);
    await aborted;
    expect(signal.aborted).toBe(true);
  });

  it("has a signal that aborts as ABORTED when the manager closes", async () => {
    const { manager } = openManager({ graceMs: 0 });
    const { signal } = await manager.newOperation(SimulateWork);
    void manager.close();
    await once(signal, "abort");
    expect(ConnectError.from(signal.reason).code).toBe(Code.Aborted);
  });

  it("does not end because it is cancelled: whoever works on it ends it", async () => {
    const { cancel, manager, now } = openManager();
    const { name, signal } = await manager.newOperation(SimulateWork);
    await cancel(name);
    await settled();
    const whileItStops = await now(name);
    await manager.setError(name, signal.reason);
    expect([whileItStops.done, errorOf(await now(name))[0]]).toEqual([false, Code.Canceled]);
  });

  it("is looked after until it is done, and leaves nothing behind", async () => {
    const { clock, manager, store } = openManager();
    await settled();
    const timers = clock.pendingTimers;
    const { name } = await manager.newOperation(SimulateWork);
    const running = manager.running;
    await manager.setResult(SimulateWork, name, {});
    await settled();
    expect([running, manager.running, store.changes.subscriptions, clock.pendingTimers]).toEqual([
      1,
      0,
      0,
      timers,
    ]);
  });
});
