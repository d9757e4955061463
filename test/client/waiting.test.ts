import { getEventListeners } from "node:events";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import {
  DEFAULT_WAIT_INTERVAL_MS,
  OperationHandle,
  StoppedWaitingError,
  waitForOperation,
} from "../../src/client/index.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { durationMs } from "../../src/time/duration.ts";
import { HurriedClock } from "./hurried-clock.ts";
import {
  Counting,
  clientOf,
  failed,
  NAME,
  neverAnswer,
  refuse,
  rejection,
  running,
  scripted,
  succeeded,
} from "./scripted-server.ts";

type Init = ReturnType<typeof running>;
type WaitRequest = { readonly timeout?: Parameters<typeof durationMs>[0] | undefined };

/** Settings under which no test waits, and no delay is shorter than its bound. */
function hurried() {
  return { clock: new HurriedClock(), random: () => 1 };
}

const notDone = () => running();

/** Answers not-done after the whole time that was asked, as a good server does. */
function heldFor(clock: FakeClock, operation: Init = running()) {
  return ({ timeout }: WaitRequest): Init => {
    clock.advance(timeout === undefined ? 0 : durationMs(timeout));
    return operation;
  };
}

function times<T>(count: number, step: T): T[] {
  return Array.from({ length: count }, () => step);
}

describe("waitForOperation", () => {
  it("answers the operation that is done", async () => {
    const client = clientOf({ waitOperation: () => succeeded("yes") });
    expect(await waitForOperation(client, NAME)).toMatchObject({ name: NAME, done: true });
  });

  it("answers an operation that failed, and does not throw", async () => {
    const client = clientOf({ waitOperation: () => failed(Code.Aborted) });
    expect((await waitForOperation(client, NAME)).result.case).toBe("error");
  });

  it("throws NOT_FOUND where there is no such operation", async () => {
    const client = clientOf({ waitOperation: refuse(Code.NotFound) });
    expect(await rejection(waitForOperation(client, NAME))).toMatchObject({ code: Code.NotFound });
  });

  it("asks again, without a pause, when the server has waited as long as it was asked to", async () => {
    const settings = hurried();
    const held = heldFor(settings.clock);
    const waitOperation = scripted<WaitRequest, Init>(held, held, () => succeeded("yes"));
    await waitForOperation(clientOf({ waitOperation }), NAME, settings);
    expect(settings.clock.delaysMs).toEqual([]);
  });

  it("asks for 50 s, because many proxies cut a call after 60 s", async () => {
    const waitOperation = scripted<WaitRequest, Init>(() => succeeded("yes"));
    await waitForOperation(clientOf({ waitOperation }), NAME);
    expect(waitOperation.calls[0]?.timeout?.seconds).toBe(50n);
  });

  it("gives each call a deadline of its own, 10 s after the answer is due", async () => {
    let timeoutMs: number | undefined;
    const waitOperation = (_: unknown, context: { timeoutMs(): number | undefined }) => {
      timeoutMs = context.timeoutMs();
      return succeeded("yes");
    };
    await waitForOperation(clientOf({ waitOperation }), NAME, { longPollMs: 5_000 });
    expect(Math.round((timeoutMs ?? 0) / 1_000)).toBe(15);
  });

  it("asks again when a call's own deadline passed without an answer", async () => {
    const settings = hurried();
    const lost = () => {
      settings.clock.advance(60_000);
      return refuse(Code.DeadlineExceeded)();
    };
    const waitOperation = scripted<unknown, Init>(...times(20, lost), () => succeeded("yes"));
    expect((await waitForOperation(clientOf({ waitOperation }), NAME, settings)).done).toBe(true);
  });

  it("makes ever longer pauses when the server answers before it was to", async () => {
    const settings = hurried();
    const waitOperation = scripted<unknown, Init>(...times(3, notDone), () => succeeded("yes"));
    await waitForOperation(clientOf({ waitOperation }), NAME, settings);
    expect(settings.clock.delaysMs).toEqual([1_000, 2_000, 4_000]);
  });
});

describe("a wait for a server that has no WaitOperation", () => {
  it("polls with doubling delays, up to a minute", async () => {
    const settings = hurried();
    const getOperation = scripted<unknown, Init>(...times(9, notDone), () => succeeded("yes"));
    await waitForOperation(clientOf({ getOperation }), NAME, settings);
    expect(settings.clock.delaysMs.map((ms) => ms / 1_000)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  });

  it("has an interval of a minute by default, as in Go", () => {
    expect(DEFAULT_WAIT_INTERVAL_MS).toBe(60_000);
  });

  it("polls at the interval that the caller says", async () => {
    const settings = hurried();
    const getOperation = scripted<unknown, Init>(...times(4, notDone), () => succeeded("yes"));
    await waitForOperation(clientOf({ getOperation }), NAME, { ...settings, intervalMs: 1_500 });
    expect(settings.clock.delaysMs).toEqual([1_000, 1_500, 1_500, 1_500]);
  });

  it("spreads its polls by chance over the whole delay", async () => {
    const settings = { ...hurried(), random: () => 0.25 };
    const getOperation = scripted<unknown, Init>(notDone, notDone, () => succeeded("yes"));
    await waitForOperation(clientOf({ getOperation }), NAME, settings);
    expect(settings.clock.delaysMs).toEqual([250, 500]);
  });

  it("asks for WaitOperation no more than once", async () => {
    const waitOperation = scripted<unknown, Init>(refuse(Code.Unimplemented));
    const getOperation = scripted<unknown, Init>(notDone, notDone, () => succeeded("yes"));
    await waitForOperation(clientOf({ waitOperation, getOperation }), NAME, hurried());
    expect(waitOperation.calls).toHaveLength(1);
  });

  it("says so where the server has no GetOperation either", async () => {
    expect(await rejection(waitForOperation(clientOf({}), NAME, hurried()))).toMatchObject({
      code: Code.Unimplemented,
    });
  });
});

describe("waitWithInterval", () => {
  it("does not call WaitOperation", async () => {
    const waitOperation = scripted<unknown, Init>(() => succeeded("yes"));
    const client = clientOf({ waitOperation, getOperation: () => succeeded("yes") });
    await new OperationHandle(client, Counting, NAME, hurried()).waitWithInterval(5_000);
    expect(waitOperation.calls).toEqual([]);
  });

  it("polls with doubling delays up to the interval", async () => {
    const settings = hurried();
    const getOperation = scripted<unknown, Init>(...times(5, notDone), () => succeeded("yes"));
    await new OperationHandle(clientOf({ getOperation }), Counting, NAME, settings).waitWithInterval(5_000);
    expect(settings.clock.delaysMs).toEqual([1_000, 2_000, 4_000, 5_000, 5_000]);
  });

  it("refuses an interval that is no time", async () => {
    const handle = new OperationHandle(clientOf({}), Counting, NAME);
    expect(await rejection(handle.waitWithInterval(0))).toBeInstanceOf(RangeError);
  });
});

describe("a wait for a server that is not available", () => {
  it("goes on after nine failures", async () => {
    const down = refuse(Code.Unavailable);
    const waitOperation = scripted<unknown, Init>(...times(9, down), () => succeeded("yes"));
    expect((await waitForOperation(clientOf({ waitOperation }), NAME, hurried())).done).toBe(true);
  });

  it("gives up after ten in a row", async () => {
    const waitOperation = scripted<unknown, Init>(refuse(Code.Unavailable));
    await rejection(waitForOperation(clientOf({ waitOperation }), NAME, hurried()));
    expect(waitOperation.calls).toHaveLength(10);
  });

  it("counts anew after an answer", async () => {
    const down = refuse(Code.Unavailable);
    const nine = times(9, down);
    const waitOperation = scripted<unknown, Init>(...nine, notDone, ...nine, () => succeeded("yes"));
    expect((await waitForOperation(clientOf({ waitOperation }), NAME, hurried())).done).toBe(true);
  });

  it("asks for half of the time after a failure, because a proxy may have cut the call", async () => {
    const waitOperation = scripted<WaitRequest, Init>(refuse(Code.Unavailable), () => succeeded("yes"));
    await waitForOperation(clientOf({ waitOperation }), NAME, hurried());
    expect(waitOperation.calls.map(({ timeout }) => timeout?.seconds)).toEqual([50n, 25n]);
  });

  it("does not go on after any other error", async () => {
    const waitOperation = scripted<unknown, Init>(refuse(Code.Internal));
    await rejection(waitForOperation(clientOf({ waitOperation }), NAME, hurried()));
    expect(waitOperation.calls).toHaveLength(1);
  });
});

describe("a caller that stops waiting", () => {
  /** Waits for an operation whose server says so when it is asked, and then does not answer. */
  function waitWithoutEnd(options: { signal: AbortSignal }) {
    const asked = Promise.withResolvers<void>();
    const waitOperation = () => {
      asked.resolve();
      return neverAnswer();
    };
    const clock = new FakeClock();
    const waiting = rejection(waitForOperation(clientOf({ waitOperation }), NAME, { clock, ...options }));
    return { waiting, clock, asked: asked.promise };
  }

  it("gets a StoppedWaitingError when its signal aborts", async () => {
    const stop = new AbortController();
    const { waiting, asked } = waitWithoutEnd({ signal: stop.signal });
    await asked;
    stop.abort();
    expect(await waiting).toBeInstanceOf(StoppedWaitingError);
  });

  it("gets the reason of its abort as the cause", async () => {
    const reason = new ConnectError("the page was closed", Code.Unavailable);
    const { waiting } = waitWithoutEnd({ signal: AbortSignal.abort(reason) });
    expect(await waiting).toMatchObject({ code: Code.Canceled, cause: reason });
  });

  it("reads that the operation goes on", async () => {
    const { waiting } = waitWithoutEnd({ signal: AbortSignal.abort() });
    expect(await waiting).toMatchObject({
      rawMessage: 'the caller stopped waiting, and operation "operations/1" goes on',
    });
  });

  it("leaves no listener on its signal when it aborts during a call", async () => {
    const stop = new AbortController();
    const { waiting, asked } = waitWithoutEnd({ signal: stop.signal });
    await asked;
    stop.abort();
    await waiting;
    expect(getEventListeners(stop.signal, "abort")).toEqual([]);
  });

  it("leaves neither timer nor listener when it aborts during a pause", async () => {
    const clock = new FakeClock();
    const stop = new AbortController();
    const options = { clock, signal: stop.signal };
    const waiting = rejection(waitForOperation(clientOf({ getOperation: notDone }), NAME, options));
    await expect.poll(() => clock.pendingTimers).toBe(1);
    stop.abort();
    await waiting;
    expect([clock.pendingTimers, getEventListeners(stop.signal, "abort").length]).toEqual([0, 0]);
  });

  it("leaves no listener on its signal when the operation is done", async () => {
    const { signal } = new AbortController();
    const waitOperation = scripted<unknown, Init>(notDone, () => succeeded("yes"));
    await waitForOperation(clientOf({ waitOperation }), NAME, { ...hurried(), signal });
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("gets a StoppedWaitingError when its time is up during a call", async () => {
    // The deadline of an RPC runs by Connect's own timer, and so by the machine's clock.
    const client = clientOf({ waitOperation: neverAnswer });
    expect(await rejection(waitForOperation(client, NAME, { timeoutMs: 30 }))).toMatchObject({
      code: Code.DeadlineExceeded,
      operationName: NAME,
    });
  });

  it("has its time over all calls together", async () => {
    const settings = hurried();
    const waitOperation = scripted<WaitRequest, Init>(heldFor(settings.clock));
    const options = { ...settings, timeoutMs: 120_000 };
    await rejection(waitForOperation(clientOf({ waitOperation }), NAME, options));
    expect(waitOperation.calls.map(({ timeout }) => timeout?.seconds)).toEqual([50n, 50n, 20n]);
  });

  it("sleeps no longer than its time", async () => {
    const settings = hurried();
    const options = { ...settings, timeoutMs: 5_000 };
    await rejection(waitForOperation(clientOf({ getOperation: notDone }), NAME, options));
    expect(settings.clock.delaysMs).toEqual([1_000, 2_000, 2_000]);
  });

  it("finds the operation again with the same handle", async () => {
    const stopped = AbortSignal.abort();
    const client = clientOf({ waitOperation: () => succeeded("yes") });
    const handle = new OperationHandle(client, Counting, NAME);
    await rejection(handle.wait({ signal: stopped }));
    expect((await handle.result()).value).toBe("yes");
  });
});
