import { once } from "node:events";
import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { SimulateWork } from "../../src/simulator/simulate-work.ts";
import { until } from "../until.ts";
import { openService } from "./open-service.ts";
import { errorCodeOf, metadataOf, responseOf } from "./operation-state.ts";
import { protocols } from "./protocols.ts";
import { refusalOf } from "./refusal.ts";
import { namedRpcs } from "./rpcs.ts";
import { finish, keepRunning, step } from "./stored.ts";

/** Well-formed, and not kept. */
const UNKNOWN_NAMES = [
  "operations/0123456789abcdef0123456789abcdef",
  "operations/x",
  "operations/!?#%2F ü 漢 🙂",
  "operations/a/b",
  "projects/p/locations/l/operations/x",
  `operations/${"x".repeat(2_000)}`,
  // The message cuts a long name, here between the halves of a character.
  `operations/${"x".repeat(116)}🙂`,
];

describe.each(protocols)("the state of an operation over $name", (protocol) => {
  it.each(namedRpcs)("is not found by %s where its name is unknown", async (_rpc, call) => {
    await using service = await openService(protocol);
    const refusals = await Promise.all(UNKNOWN_NAMES.map((name) => refusalOf(call(service.client, name))));
    expect(refusals.map(({ code }) => code)).toEqual(UNKNOWN_NAMES.map(() => Code.NotFound));
  });

  it("is empty for a List below an unknown parent", async () => {
    await using service = await openService(protocol);
    await keepRunning(service.store);
    const page = await service.client.listOperations({ name: "projects/unknown" });
    expect(page.operations).toEqual([]);
  });

  it("has no result while the work runs", async () => {
    await using service = await openService(protocol);
    const name = await keepRunning(service.store);
    const { done, result } = await service.client.getOperation({ name });
    expect({ done, result: result.case }).toEqual({ done: false, result: undefined });
  });

  it("has a response and no error when the work succeeded", async () => {
    await using service = await openService(protocol);
    const operation = await service.operations.manager.newOperation(SimulateWork);
    await service.operations.manager.setResult(SimulateWork, operation.name, { payload: "the answer" });
    const got = await service.client.getOperation({ name: operation.name });
    expect([got.done, responseOf(got).payload]).toEqual([true, "the answer"]);
  });

  it("has an error and no response when the work failed, and Get itself is fine", async () => {
    await using service = await openService(protocol);
    const { name } = await service.simulator.simulateWork({
      error: { code: Code.DataLoss, message: "gone" },
    });
    const { done, result } = await service.client.getOperation({ name });
    expect([done, result.case, result.case === "error" && result.value.code]).toEqual([
      true,
      "error",
      Code.DataLoss,
    ]);
  });

  it("has an Empty response when the work answered nothing", async () => {
    await using service = await openService(protocol);
    const { name } = await service.operations.manager.start(SimulateWork, async () => undefined as never);
    const { result } = await service.client.getOperation({ name });
    expect(result.case === "response" && result.value.typeUrl).toBe(
      "type.googleapis.com/google.protobuf.Empty",
    );
  });

  it("keeps its metadata readable after it is done", async () => {
    await using service = await openService(protocol);
    const name = await keepRunning(service.store);
    await step(service.store, name, 7);
    await finish(service.store, name);
    expect(metadataOf(await service.client.getOperation({ name })).stepsDone).toBe(7);
  });

  it("never changes once it is done", async () => {
    await using service = await openService(protocol);
    const { manager } = service.operations;
    const { name } = await manager.newOperation(SimulateWork);
    await manager.setResult(SimulateWork, name, { payload: "the first" });
    const before = await service.client.getOperation({ name });
    await service.client.cancelOperation({ name });
    await refusalOf(manager.setResult(SimulateWork, name, { payload: "the second" }));
    await refusalOf(manager.setMetadata(SimulateWork, name, { stepsDone: 9 }));
    await refusalOf(manager.setError(name, new Error("too late")));
    expect(await service.client.getOperation({ name })).toEqual(before);
  });

  it("is cancelled, and stays, only when the work has stopped", async () => {
    await using service = await openService(protocol);
    const stop = Promise.withResolvers<void>();
    const { name } = await service.operations.manager.start(SimulateWork, async ({ signal }) => {
      await once(signal, "abort");
      await stop.promise;
      signal.throwIfAborted();
      return {};
    });
    await service.client.cancelOperation({ name });
    const whileItStops = await service.client.getOperation({ name });
    stop.resolve();
    const stopped = await service.client.waitOperation({ name });
    expect([whileItStops.done, stopped.done, errorCodeOf(stopped)]).toEqual([false, true, Code.Canceled]);
  });

  it("is cancelled once, however often a client asks", async () => {
    await using service = await openService(protocol);
    const { name } = await service.simulator.simulateWork({ duration: { seconds: 60n } });
    for (let i = 0; i < 3; i++) await service.client.cancelOperation({ name });
    expect(errorCodeOf(await service.client.waitOperation({ name }))).toBe(Code.Canceled);
  });

  it("is unchanged by a cancel when it is done", async () => {
    await using service = await openService(protocol);
    const { name } = await service.simulator.simulateWork({ payload: "done" });
    const before = await service.client.getOperation({ name });
    await service.client.cancelOperation({ name });
    expect(await service.client.getOperation({ name })).toEqual(before);
  });

  it("is a success when the work ignored the cancel and finished", async () => {
    await using service = await openService(protocol);
    const { name } = await service.operations.manager.start(SimulateWork, async ({ signal }) => {
      await once(signal, "abort");
      return { payload: "done before I heard" };
    });
    await service.client.cancelOperation({ name });
    expect(responseOf(await service.client.waitOperation({ name })).payload).toBe("done before I heard");
  });

  it("has one end when a cancel races the completion", async () => {
    await using service = await openService(protocol);
    const { manager } = service.operations;
    const races = Array.from({ length: 20 }, async (_, i) => {
      const finishing = Promise.withResolvers<void>();
      const { name } = await manager.start(SimulateWork, async ({ signal }) => {
        await Promise.race([once(signal, "abort"), finishing.promise]);
        signal.throwIfAborted();
        return { payload: "finished" };
      });
      const cancelling = i % 2 === 0 ? service.client.cancelOperation({ name }) : undefined;
      finishing.resolve();
      const first = await service.client.waitOperation({ name });
      await (cancelling ?? service.client.cancelOperation({ name }));
      return { first, second: await service.client.getOperation({ name }) };
    });
    const ends = await Promise.all(races);
    expect(ends.map(({ first }) => first)).toEqual(ends.map(({ second }) => second));
  });

  it.each(namedRpcs)("is not found by %s after it was deleted", async (_rpc, call) => {
    await using service = await openService(protocol);
    const name = await keepRunning(service.store);
    await service.client.deleteOperation({ name });
    expect((await refusalOf(call(service.client, name))).code).toBe(Code.NotFound);
  });

  it("is not in a List after it was deleted", async () => {
    await using service = await openService(protocol);
    const name = await keepRunning(service.store);
    const other = await keepRunning(service.store);
    await service.client.deleteOperation({ name });
    const { operations } = await service.client.listOperations({});
    expect(operations.map((operation) => operation.name)).toEqual([other]);
  });

  it("releases everyone who waits for it with NOT_FOUND when it is deleted", async () => {
    await using service = await openService(protocol);
    const name = await keepRunning(service.store);
    const waiting = Array.from({ length: 5 }, () => refusalOf(service.client.waitOperation({ name })));
    await until(() => service.operations.service.waiting === 5);
    await service.client.deleteOperation({ name });
    const codes = (await Promise.all(waiting)).map(({ code }) => code);
    expect(codes).toEqual(Array(5).fill(Code.NotFound));
  });

  it("lets the work go on when it is deleted", async () => {
    await using service = await openService(protocol);
    const goOn = Promise.withResolvers<void>();
    const finished = Promise.withResolvers<boolean>();
    const { name } = await service.operations.manager.start(SimulateWork, async ({ signal }) => {
      await goOn.promise;
      finished.resolve(signal.aborted);
      return {};
    });
    await service.client.deleteOperation({ name });
    goOn.resolve();
    expect(await finished.promise).toBe(false);
  });

  it("is done in the answer of the method when its work was done already", async () => {
    await using service = await openService(protocol);
    const operation = await service.simulator.simulateWork({ payload: "at once" });
    expect([operation.done, responseOf(operation).payload]).toEqual([true, "at once"]);
  });

  it("does not come to be when the work cannot start", async () => {
    await using service = await openService(protocol);
    await refusalOf(service.simulator.simulateWork({ steps: -1 }));
    expect((await service.client.listOperations({})).operations).toEqual([]);
  });
});
