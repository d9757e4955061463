import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { RetryInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import { defineOperationType } from "../../src/operation/operation-type.ts";
import { SimulateWork } from "../../src/simulator/simulate-work.ts";
import { errorInfosOf, refusalOf } from "../service/refusal.ts";
import { until } from "../until.ts";
import { forever, openManager } from "./open-manager.ts";

const Copy = defineOperationType({
  response: StringValueSchema,
  onServerLoss: { handler: "test.Copy", input: StringValueSchema },
});

describe("a start beyond maxRunning", () => {
  it("is refused, and told which limit it is", async () => {
    const { manager } = openManager({ maxRunning: 1 });
    await manager.start(SimulateWork, forever);
    const error = await refusalOf(manager.start(SimulateWork, forever));
    expect([error.code, errorInfosOf(error)]).toMatchObject([
      Code.ResourceExhausted,
      [{ reason: "TOO_MANY_RUNNING", metadata: { scope: "process", limit: "1" } }],
    ]);
  });

  it("is told when to come again", async () => {
    const { manager } = openManager({ maxRunning: 1 });
    await manager.start(SimulateWork, forever);
    const error = await refusalOf(manager.start(SimulateWork, forever));
    expect(error.findDetails(RetryInfoSchema)).toMatchObject([{ retryDelay: { seconds: 5n } }]);
  });

  it("leaves nothing behind", async () => {
    const { manager, store } = openManager({ maxRunning: 1 });
    await manager.start(SimulateWork, forever);
    await manager.start(SimulateWork, forever).catch(() => {});
    expect((await store.list({ parent: "", limit: 10 })).length).toBe(1);
  });

  it("never begins the work", async () => {
    const { manager } = openManager({ maxRunning: 1 });
    await manager.start(SimulateWork, forever);
    let hasBegun = false;
    const begin = () => {
      hasBegun = true;
      return {};
    };
    await manager.start(SimulateWork, begin).catch(() => {});
    expect(hasBegun).toBe(false);
  });

  it("is refused too where it comes at the same time", async () => {
    const { manager } = openManager({ maxRunning: 3 });
    const starts = Array.from({ length: 9 }, () => manager.start(SimulateWork, forever));
    const started = (await Promise.allSettled(starts)).filter(({ status }) => status === "fulfilled");
    expect(started.length).toBe(3);
  });

  it("is refused too for work that runs elsewhere", async () => {
    const { manager } = openManager({ maxRunning: 1 });
    await manager.newOperation(SimulateWork);
    expect((await refusalOf(manager.newOperation(SimulateWork))).code).toBe(Code.ResourceExhausted);
  });

  it("is refused too where what runs only waits for somebody to begin it", async () => {
    const { manager } = openManager({ maxRunning: 1, runsHandlers: false });
    await manager.start(Copy, { value: "a" });
    expect((await refusalOf(manager.start(Copy, { value: "b" }))).code).toBe(Code.ResourceExhausted);
  });

  it("is taken once another has ended, wherever that was", async () => {
    const { manager, cancel } = openManager({ maxRunning: 1 });
    const { name } = await manager.start(SimulateWork, ({ signal }) => rejectedBy(signal));
    await cancel(name);
    const startAgain = () => manager.start(SimulateWork, forever).then(Boolean, () => false);
    await until(startAgain);
    expect((await refusalOf(manager.start(SimulateWork, forever))).code).toBe(Code.ResourceExhausted);
  });

  it("is taken once another was deleted", async () => {
    const { manager, store } = openManager({ maxRunning: 1 });
    const { name } = await manager.newOperation(SimulateWork);
    await store.delete(name);
    const startAgain = () => manager.newOperation(SimulateWork).then(Boolean, () => false);
    await expect(until(startAgain)).resolves.toBeUndefined();
  });

  it("is taken after one that was refused for another reason", async () => {
    const { manager } = openManager({ maxRunning: 1 });
    await manager.start(SimulateWork, forever, { parent: "a//b" }).catch(() => {});
    expect((await manager.start(SimulateWork, forever)).done).toBe(false);
  });

  it("does not count the same request twice", async () => {
    const { manager } = openManager({ maxRunning: 2 });
    const again = { request: { id: "11111111-2222-4333-8444-555555555555" } };
    await manager.start(SimulateWork, forever, again);
    await manager.start(SimulateWork, forever, again);
    expect((await manager.start(SimulateWork, forever)).done).toBe(false);
  });
});

describe("a start beyond maxRunningPerPrincipal", () => {
  it("is refused", async () => {
    const { manager } = openManager({ maxRunningPerPrincipal: 1 });
    await manager.start(SimulateWork, forever, { principal: "a" });
    const error = await refusalOf(manager.start(SimulateWork, forever, { principal: "a" }));
    expect(errorInfosOf(error)).toMatchObject([
      { reason: "TOO_MANY_RUNNING", metadata: { scope: "principal" } },
    ]);
  });

  it("does not keep another principal from starting", async () => {
    const { manager } = openManager({ maxRunningPerPrincipal: 1 });
    await manager.start(SimulateWork, forever, { principal: "a" });
    expect((await manager.start(SimulateWork, forever, { principal: "b" })).done).toBe(false);
  });
});

describe("a manager with limits", () => {
  it("closes though operations that it started still wait", async () => {
    const { manager, store } = openManager({ maxRunning: 2, runsHandlers: false });
    const { name } = await manager.start(Copy, { value: "a" });
    await manager.close();
    expect((await store.get(name))?.message.done).toBe(false);
  });
});

function rejectedBy(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
}
