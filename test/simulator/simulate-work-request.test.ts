import type { MessageInitShape } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import type { SimulateWorkRequestSchema } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import { errorInfosOf, refusalOf, violatedFieldsOf } from "../service/refusal.ts";
import { openSimulator } from "./open-simulator.ts";

describe("a SimulateWork request", () => {
  const BAD: readonly (readonly [
    what: string,
    request: MessageInitShape<typeof SimulateWorkRequestSchema>,
    field: string,
  ])[] = [
    ["a negative duration", { duration: { seconds: -1n } }, "duration"],
    ["a duration of negative nanoseconds", { duration: { nanos: -1 } }, "duration"],
    ["a duration beyond all bounds", { duration: { seconds: 315_576_000_001n } }, "duration"],
    ["a duration with a whole second of nanoseconds", { duration: { nanos: 1_000_000_000 } }, "duration"],
    ["a duration of two signs", { duration: { seconds: 1n, nanos: -1 } }, "duration"],
    ["-1 steps", { steps: -1 }, "steps"],
    ["10,001 steps", { steps: 10_001 }, "steps"],
    ["an error of code 0", { error: {} }, "error.code"],
    ["an error of code 17", { error: { code: 17 } }, "error.code"],
    ["an error of a negative code", { error: { code: -1 } }, "error.code"],
    ["a parent with an empty segment", { parent: "projects//x" }, "parent"],
    ["a parent that is an operation", { parent: "operations/x" }, "parent"],
    ["a request id of more than 128 bytes", { requestId: "é".repeat(65) }, "request_id"],
    ["a request id with a NUL in it", { requestId: "a\0b" }, "request_id"],
  ];

  it.each(BAD)("with %s is refused, the field named", async (_what, request, field) => {
    const { simulate } = openSimulator();
    const error = await refusalOf(simulate(request));
    expect([error.code, violatedFieldsOf(error), errorInfosOf(error).length]).toEqual([
      Code.InvalidArgument,
      [field],
      1,
    ]);
  });

  it.each(BAD)("with %s starts no work", async (_what, request) => {
    const { manager, simulate, store } = openSimulator();
    await refusalOf(simulate(request));
    expect([manager.running, await store.list({ parent: request.parent ?? "", limit: 1 })]).toEqual([0, []]);
  });

  it("is refused as UNAVAILABLE by a server that stops", async () => {
    const { manager, simulate } = openSimulator();
    await manager.close();
    expect((await refusalOf(simulate({}))).code).toBe(Code.Unavailable);
  });
});

describe("a SimulateWork request that comes again", () => {
  const request = {
    requestId: "0b6e0a3e-8b5c-4c44-9c3e-1f2a3b4c5d6e",
    duration: { seconds: 60n },
    steps: 3,
    payload: "p",
  };

  it("gets the operation that it started, as it is now", async () => {
    const { simulate, pass } = openSimulator();
    const { name } = await simulate(request);
    await pass(60_000);
    const again = await simulate(request);
    expect([again.name, again.done]).toEqual([name, true]);
  });

  it.each([
    ["duration", { duration: { seconds: 61n } }],
    ["steps", { steps: 4 }],
    ["error", { error: { code: 3 } }],
    ["ignore_cancel", { ignoreCancel: true }],
    ["payload", { payload: "q" }],
    ["parent", { parent: "projects/p" }],
  ])("with another %s is refused with ALREADY_EXISTS", async (_field, change) => {
    const { simulate } = openSimulator();
    await simulate(request);
    expect((await refusalOf(simulate({ ...request, ...change }))).code).toBe(Code.AlreadyExists);
  });
});
