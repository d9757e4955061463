import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { anyPack, timestampMs } from "@bufbuild/protobuf/wkt";
import { Code, createClient, createRouterTransport } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import type { Operation } from "../../gen/google/longrunning/operations_pb.ts";
import { HelpSchema } from "../../gen/google/rpc/error_details_pb.ts";
import {
  type SimulateWorkRequestSchema,
  SimulatorService,
} from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import { OperationManager } from "../../src/manager/operation-manager.ts";
import { createSimulatorService } from "../../src/simulator/simulator-service.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import { type Clock, systemClock } from "../../src/time/clock.ts";
import { openManager } from "../manager/open-manager.ts";
import { errorCodeOf, metadataOf, responseOf } from "../service/operation-state.ts";
import { settled, until } from "../until.ts";
import { openSimulator } from "./open-simulator.ts";

const ERROR = { code: Code.ResourceExhausted, message: "no quota" };

describe("SimulateWork", () => {
  it.each([
    ["no duration", {}],
    ["a duration of 0", { duration: {} }],
  ])("is done in the answer with %s", async (_what, request) => {
    const { simulate } = openSimulator();
    const operation = await simulate({ ...request, payload: "at once" });
    expect(responseOf(operation).payload).toBe("at once");
  });

  it("is done after its duration, and not before", async () => {
    const { isDone, pass, simulate } = openSimulator();
    const operation = await simulate({ duration: { seconds: 60n } });
    await pass(59_999);
    const before = await isDone(operation);
    await pass(1);
    expect([operation.done, before, await isDone(operation)]).toEqual([false, false, true]);
  });

  it("counts the nanoseconds of its duration", async () => {
    const { isDone, pass, simulate } = openSimulator();
    const operation = await simulate({ duration: { nanos: 500_000_000 } });
    await pass(499);
    const before = await isDone(operation);
    await pass(1);
    expect([before, await isDone(operation)]).toEqual([false, true]);
  });

  it("may take longer than a timer of JavaScript can", async () => {
    const { isDone, pass, simulate } = openSimulator();
    const operation = await simulate({ duration: { seconds: 315_576_000_000n }, steps: 3 });
    await pass(2 ** 33);
    expect(await isDone(operation)).toBe(false);
  });

  it("gives the payload back", async () => {
    const { now, pass, simulate } = openSimulator();
    const payload = "🙂\u0000\n".repeat(1_000);
    const { name } = await simulate({ duration: { seconds: 1n }, payload });
    await pass(1_000);
    expect(responseOf(await now(name)).payload).toBe(payload);
  });

  it("has its metadata in the answer", async () => {
    const { clock, simulate } = openSimulator();
    const { $typeName, createTime, ...metadata } = metadataOf(
      await simulate({ duration: { seconds: 60n }, steps: 7 }),
    );
    expect({ ...metadata, createTime: createTime && timestampMs(createTime), $typeName }).toEqual({
      $typeName: "longrunning.testing.v1.SimulateWorkMetadata",
      stepsDone: 0,
      stepsTotal: 7,
      cancelRequested: false,
      createTime: clock.wallMs(),
    });
  });

  it("spaces its steps evenly", async () => {
    const { metadata, pass, simulate } = openSimulator();
    const { name } = await simulate({ duration: { seconds: 10n }, steps: 4 });
    const seen: number[] = [];
    for (let halfStep = 0; halfStep < 8; halfStep++) {
      await pass(1_250);
      seen.push((await metadata(name)).stepsDone);
    }
    expect(seen).toEqual([0, 1, 1, 2, 2, 3, 3, 4]);
  });

  it.each([0, 1, 3, 7, 10_000])("has done all of %d steps at success", async (steps) => {
    const { metadata, pass, simulate } = openSimulator();
    const { name } = await simulate({ duration: { seconds: 1n }, steps });
    for (let i = 0; i < 4; i++) await pass(300);
    const { stepsDone, stepsTotal } = await metadata(name);
    expect([stepsDone, stepsTotal]).toEqual([steps, steps]);
  });

  it("has done all its steps where it takes no time", async () => {
    const { simulate } = openSimulator();
    const { stepsDone, stepsTotal } = metadataOf(await simulate({ steps: 10_000 }));
    expect([stepsDone, stepsTotal]).toEqual([10_000, 10_000]);
  });

  it("takes no longer for 10,000 steps in a tenth of a second", async () => {
    const store = new MemoryStore();
    await using manager = new OperationManager(store, { graceMs: 0 });
    const startedMs = performance.now();
    const { name } = await simulateWith(manager, systemClock, {
      duration: { nanos: 100_000_000 },
      steps: 10_000,
    });
    await until(async () => (await store.get(name))?.message.done === true);
    // 10,000 timers of a millisecond each would take 10 s.
    expect(performance.now() - startedMs).toBeLessThan(3_000);
  });

  it("answers a done operation with the error where it takes no time", async () => {
    const { simulate } = openSimulator();
    const { done, result } = await simulate({ error: ERROR });
    expect([
      done,
      result.case === "error" && result.value.code,
      result.case === "error" && result.value.message,
    ]).toEqual([true, ERROR.code, ERROR.message]);
  });

  it("fails with the error after its duration", async () => {
    const { now, pass, simulate } = openSimulator();
    const { name } = await simulate({ duration: { seconds: 5n }, error: ERROR });
    await pass(4_999);
    const before = await now(name);
    await pass(1);
    expect([before.done, errorCodeOf(await now(name))]).toEqual([false, ERROR.code]);
  });

  it("fails with the details of the error", async () => {
    const { simulate } = openSimulator();
    const details = [anyPack(HelpSchema, create(HelpSchema, { links: [{ url: "https://example.com" }] }))];
    const { result } = await simulate({ error: { ...ERROR, details } });
    expect(result.case === "error" && result.value.details).toEqual(details);
  });

  it.each(Array.from({ length: 16 }, (_, i) => i + 1))("fails with code %d", async (code) => {
    const { simulate } = openSimulator();
    expect(errorCodeOf(await simulate({ error: { code } }))).toBe(code);
  });

  it.each([
    ["", /^operations\/[0-9a-f]{32}$/],
    ["projects/p", /^projects\/p\/operations\/[0-9a-f]{32}$/],
    ["projects/p/locations/ü", /^projects\/p\/locations\/ü\/operations\/[0-9a-f]{32}$/],
  ])('is named below the parent "%s"', async (parent, pattern) => {
    const { simulate } = openSimulator();
    expect((await simulate({ parent })).name).toMatch(pattern);
  });
});

describe("simulated work that is cancelled", () => {
  it("ends as CANCELLED, and says that it heard", async () => {
    const { cancel, now, simulate } = openSimulator();
    const { name } = await simulate({ duration: { seconds: 60n }, steps: 60 });
    await cancel(name);
    await settled();
    const operation = await now(name);
    expect([errorCodeOf(operation), metadataOf(operation).cancelRequested]).toEqual([Code.Canceled, true]);
  });

  it("keeps the steps that it has done", async () => {
    const { cancel, metadata, pass, simulate } = openSimulator();
    const { name } = await simulate({ duration: { seconds: 10n }, steps: 10 });
    for (let i = 0; i < 3; i++) await pass(1_000);
    await cancel(name);
    await settled();
    expect((await metadata(name)).stepsDone).toBe(3);
  });

  it("is cancelled rather than fails with its error", async () => {
    const { cancel, now, simulate } = openSimulator();
    const { name } = await simulate({ duration: { seconds: 60n }, error: ERROR });
    await cancel(name);
    await settled();
    expect(errorCodeOf(await now(name))).toBe(Code.Canceled);
  });

  it("leaves no timer behind", async () => {
    const { cancel, clock, simulate } = openSimulator();
    await settled();
    const before = clock.pendingTimers;
    const { name } = await simulate({ duration: { seconds: 60n }, steps: 60 });
    await cancel(name);
    await settled();
    expect(clock.pendingTimers).toBe(before);
  });

  it("goes on where it ignores the cancel, and says that it heard", async () => {
    const { cancel, now, simulate } = openSimulator();
    const { name } = await simulate({ duration: { seconds: 60n }, ignoreCancel: true });
    await cancel(name);
    await settled();
    const operation = await now(name);
    expect([operation.done, metadataOf(operation).cancelRequested]).toEqual([false, true]);
  });

  it("succeeds after its duration where it ignores the cancel, with all its steps", async () => {
    const { cancel, now, pass, simulate } = openSimulator();
    const { name } = await simulate({
      duration: { seconds: 4n },
      steps: 4,
      ignoreCancel: true,
      payload: "late",
    });
    await pass(1_500);
    await cancel(name);
    await settled();
    await pass(2_499);
    const before = await now(name);
    await pass(1);
    const operation = await now(name);
    const { stepsDone, cancelRequested } = metadataOf(operation);
    expect([before.done, responseOf(operation).payload, stepsDone, cancelRequested]).toEqual([
      false,
      "late",
      4,
      true,
    ]);
  });

  it("fails with its error after its duration where it ignores the cancel", async () => {
    const { cancel, now, pass, simulate } = openSimulator();
    const { name } = await simulate({ duration: { seconds: 1n }, ignoreCancel: true, error: ERROR });
    await cancel(name);
    await settled();
    await pass(1_000);
    expect(errorCodeOf(await now(name))).toBe(ERROR.code);
  });
});

describe("simulated work on a server that stops", () => {
  it.each([false, true])("ends as ABORTED where it ignores cancels: %s", async (ignoreCancel) => {
    const { clock, manager, now, simulate } = openSimulator();
    const { name } = await simulate({ duration: { seconds: 60n }, ignoreCancel });
    const closing = manager.close();
    await settled();
    clock.advance(0);
    await closing;
    const operation = await now(name);
    expect([errorCodeOf(operation), metadataOf(operation).cancelRequested]).toEqual([Code.Aborted, false]);
  });

  it("does not keep the process alive because it ignored a cancel", async () => {
    const keepAlive: boolean[] = [];
    // Notes of the work's own timers whether they keep the process alive. The last that is set stays.
    const clock: Clock = {
      ...systemClock,
      after(delayMs, ring, background = false) {
        keepAlive.push(!background);
        return systemClock.after(delayMs, ring, true);
      },
    };
    const { cancel, manager } = openManager({ graceMs: 0, clock: systemClock });
    const { name } = await simulateWith(manager, clock, {
      duration: { seconds: 3_600n },
      ignoreCancel: true,
    });
    await cancel(name);
    await until(() => keepAlive.length === 2);
    await manager.close();
    expect(keepAlive.at(-1)).toBe(false);
  });
});

/** Starts simulated work on a clock of its own. */
async function simulateWith(
  manager: OperationManager,
  clock: Clock,
  request: MessageInitShape<typeof SimulateWorkRequestSchema>,
): Promise<Operation> {
  const client = createClient(
    SimulatorService,
    createRouterTransport(({ service }) => service(SimulatorService, createSimulatorService(manager, clock))),
  );
  return client.simulateWork(request);
}
