import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { OperationHandle } from "../../src/client/index.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { HurriedClock } from "./hurried-clock.ts";
import { Counting, clientOf, NAME, refuse, rejection, running, scripted } from "./scripted-server.ts";

/** A handle that polls a server which fails so often with this code, and then answers. */
function failing(times: number, code: Code, settings: { maxAttempts?: number } = {}) {
  const clock = new HurriedClock();
  const failures = Array.from({ length: times }, () => refuse(code));
  const [first = () => running(), ...rest] = [...failures, () => running()];
  const getOperation = scripted<unknown, ReturnType<typeof running>>(first, ...rest);
  const client = clientOf({ getOperation });
  const handle = new OperationHandle(client, Counting, NAME, { clock, random: () => 1, ...settings });
  return { handle, clock, calls: getOperation.calls };
}

describe("a call to a server that is not available", () => {
  it("is tried up to five times", async () => {
    const { handle } = failing(4, Code.Unavailable);
    expect(await handle.poll()).toBe(false);
  });

  it("fails with the fifth", async () => {
    const { handle } = failing(5, Code.Unavailable);
    expect(await rejection(handle.poll())).toMatchObject({ code: Code.Unavailable });
  });

  it("is tried as often as the caller says", async () => {
    const { handle, calls } = failing(9, Code.Unavailable, { maxAttempts: 2 });
    await rejection(handle.poll());
    expect(calls).toHaveLength(2);
  });

  it("waits twice as long each time, up to 10 s", async () => {
    const { handle, clock } = failing(6, Code.Unavailable, { maxAttempts: 7 });
    await handle.poll();
    expect(clock.delaysMs).toEqual([500, 1_000, 2_000, 4_000, 8_000, 10_000]);
  });

  it("is not tried again after any other error", async () => {
    const { handle, calls } = failing(1, Code.Internal);
    await rejection(handle.poll());
    expect(calls).toHaveLength(1);
  });

  it("is not tried again where the delay would outlast the caller's time", async () => {
    const { handle, calls } = failing(9, Code.Unavailable);
    await rejection(handle.poll({ timeoutMs: 2_000 }));
    expect(calls).toHaveLength(3);
  });

  it("ends at once when the caller aborts between two attempts", async () => {
    const clock = new FakeClock();
    const stop = new AbortController();
    const client = clientOf({ getOperation: refuse(Code.Unavailable) });
    const polling = rejection(new OperationHandle(client, Counting, NAME, { clock }).poll(stop));
    await expect.poll(() => clock.pendingTimers).toBe(1);
    stop.abort();
    expect(await polling).toMatchObject({ code: Code.Canceled });
    expect(clock.pendingTimers).toBe(0);
  });
});
