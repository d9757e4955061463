import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import {
  OperationMetadata_State,
  OperationMetadataSchema,
} from "../../gen/longrunning/v1/operation_metadata_pb.ts";
import { unpacked } from "../../src/operation/encoded-message.ts";
import { defineOperationType } from "../../src/operation/operation-type.ts";
import type { RetryPolicy } from "../../src/operation/retry-policy.ts";
import { settled } from "../until.ts";
import { errorOf, forever } from "./open-manager.ts";
import { type CopyRun, openShared, responseOf } from "./open-shared.ts";

const FIRST_DELAY_MS = 1_000;

/** Work that is begun three times at most where it fails. */
function copyType(retry: Partial<RetryPolicy> = {}) {
  return defineOperationType({
    response: StringValueSchema,
    onServerLoss: { handler: "test.Copy", input: StringValueSchema, retry },
  });
}

function busy(attempt: number): ConnectError {
  return new ConnectError(`busy at attempt ${attempt}`, Code.Unavailable);
}

/** Starts work whose first attempts, as many as `failures` says, fail. */
async function startFailing(
  failures: number,
  thrown: (run: CopyRun) => unknown = (run) => busy(run.attempt),
) {
  const shared = openShared();
  const { manager } = shared.server();
  const Copy = copyType();
  const attempts: number[] = [];
  const handler = async (run: CopyRun) => {
    attempts.push(run.attempt);
    await run.progress({ message: `attempt ${run.attempt}` });
    if (run.attempt <= failures) throw thrown(run);
    return { value: `done at attempt ${run.attempt}` };
  };
  manager.register(Copy, handler);
  const { name } = await manager.start(Copy, { value: "x" });
  await settled();
  const pass = async (ms: number) => {
    shared.clock.advance(ms);
    await settled();
  };
  return { ...shared, Copy, manager, attempts, name, pass };
}

describe("work that fails, of a type that is retried", () => {
  it("is begun again when the delay is over", async () => {
    const { ended, name, pass } = await startFailing(1);
    await pass(FIRST_DELAY_MS);
    expect(await responseOf(ended(name))).toBe("done at attempt 2");
  });

  it("is not begun again before", async () => {
    const { attempts, pass } = await startFailing(1);
    await pass(FIRST_DELAY_MS * 0.8 - 1);
    expect(attempts).toEqual([1]);
  });

  it("waits twice as long after each attempt", async () => {
    const { attempts, pass } = await startFailing(2);
    await pass(FIRST_DELAY_MS);
    const afterOne = [...attempts];
    await pass(2 * FIRST_DELAY_MS * 0.8 - 1);
    const before = [...attempts];
    await pass(0.2 * 2 * FIRST_DELAY_MS + 1);
    expect([afterOne, before, attempts]).toEqual([
      [1, 2],
      [1, 2],
      [1, 2, 3],
    ]);
  });

  it("ends with its last error where its attempts are exhausted", async () => {
    const { ended, name, pass } = await startFailing(3);
    await pass(FIRST_DELAY_MS);
    await pass(2 * FIRST_DELAY_MS);
    expect(errorOf(await ended(name))).toEqual([Code.Unavailable, "busy at attempt 3"]);
  });

  it("ends at once with an error that every attempt gets", async () => {
    const { ended, name } = await startFailing(1, () => new ConnectError("no such file", Code.NotFound));
    expect(errorOf(await ended(name))).toEqual([Code.NotFound, "no such file"]);
  });

  it("waits as PENDING, and keeps its attempt and what it told of last", async () => {
    const { now, name } = await startFailing(1);
    const { done, metadata } = await now(name);
    const told = metadata && unpacked(OperationMetadataSchema, metadata);
    expect([done, told?.state, told?.attempt, told?.message]).toEqual([
      false,
      OperationMetadata_State.PENDING,
      1,
      "attempt 1",
    ]);
  });

  it("takes no slot while it waits", async () => {
    const { server, ended, clock } = openShared();
    const { manager } = server({ concurrency: 1 });
    const Copy = copyType();
    manager.register(Copy, ({ input }) => {
      if (input.value === "x") throw busy(1);
      return { value: `copy of ${input.value}` };
    });
    await manager.start(Copy, { value: "x" });
    await settled();
    clock.advance(FIRST_DELAY_MS / 2);
    const { name } = await manager.start(Copy, { value: "y" });
    expect(await responseOf(ended(name))).toBe("copy of y");
  });

  it("is begun again at another server where its own has stopped meanwhile", async () => {
    const { server, Copy, manager, ended, name, pass } = await startFailing(1);
    await manager.close();
    server().manager.register(Copy, ({ attempt }) => ({ value: `attempt ${attempt} elsewhere` }));
    await pass(FIRST_DELAY_MS);
    await pass(10_000);
    expect(await responseOf(ended(name))).toBe("attempt 2 elsewhere");
  });

  it("is begun at once, and stops, where it is cancelled while it waits", async () => {
    const { ended, manager, name, pass } = await startFailing(2, ({ signal, attempt }) =>
      signal.aborted ? signal.reason : busy(attempt),
    );
    await manager.cancel(name);
    await pass(FIRST_DELAY_MS / 2);
    expect(errorOf(await ended(name))[0]).toBe(Code.Canceled);
  });

  it("ends with its error where it is cancelled before it fails", async () => {
    const { server, ended } = openShared();
    const { manager } = server();
    const failing = Promise.withResolvers<void>();
    const Copy = copyType();
    manager.register(Copy, async () => {
      await failing.promise;
      throw busy(1);
    });
    const { name } = await manager.start(Copy, { value: "x" });
    await manager.cancel(name);
    failing.resolve();
    expect(errorOf(await ended(name))).toEqual([Code.Unavailable, "busy at attempt 1"]);
  });

  it("ends with its error where the type does not want it retried", async () => {
    const { server, ended } = openShared();
    const { manager } = server();
    const Copy = copyType({ isRetryable: () => false });
    manager.register(Copy, () => {
      throw busy(1);
    });
    const { name } = await manager.start(Copy, { value: "x" });
    expect(errorOf(await ended(name))).toEqual([Code.Unavailable, "busy at attempt 1"]);
  });

  it("ends with its error where nobody can tell whether to retry it, and says so", async () => {
    const { server, ended, logged } = openShared();
    const { manager } = server();
    const fault = new Error("cannot tell");
    const Copy = copyType({
      isRetryable: () => {
        throw fault;
      },
    });
    manager.register(Copy, () => {
      throw busy(1);
    });
    const { name } = await manager.start(Copy, { value: "x" });
    expect([errorOf(await ended(name))[0], logged]).toEqual([Code.Unavailable, [fault]]);
  });
});

describe("work that fails, of a type that is not retried", () => {
  it("ends with its error", async () => {
    const { server, ended } = openShared();
    const { manager } = server();
    const Copy = defineOperationType({
      response: StringValueSchema,
      onServerLoss: { handler: "test.Copy", input: StringValueSchema },
    });
    manager.register(Copy, () => {
      throw busy(1);
    });
    const { name } = await manager.start(Copy, { value: "x" });
    expect(errorOf(await ended(name))).toEqual([Code.Unavailable, "busy at attempt 1"]);
  });
});

describe("work that nobody has begun", () => {
  it("ends at once where it is cancelled, though there is no slot for it", async () => {
    const { server, ended } = openShared();
    const { manager } = server({ concurrency: 1 });
    const Copy = copyType();
    manager.register(Copy, forever);
    await manager.start(Copy, { value: "x" });
    const { name } = await manager.start(Copy, { value: "y" });
    await manager.cancel(name);
    expect(errorOf(await ended(name))[0]).toBe(Code.Canceled);
  });

  it("is never begun then", async () => {
    const { server, clock } = openShared();
    const { manager } = server({ runsHandlers: false });
    const Copy = copyType();
    const { name } = await manager.start(Copy, { value: "x" });
    await manager.cancel(name);
    let begun = 0;
    server().manager.register(Copy, () => {
      begun++;
      return { value: "" };
    });
    await settled();
    clock.advance(60_000);
    await settled();
    expect(begun).toBe(0);
  });
});
