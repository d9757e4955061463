import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import type { Operation } from "../../gen/google/longrunning/operations_pb.ts";
import type { OperationsServer } from "../../src/server/create-operations.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { settled, until } from "../until.ts";
import { type OpenService, openService } from "./open-service.ts";
import { metadataOf, responseOf } from "./operation-state.ts";
import { protocols } from "./protocols.ts";
import { refusalOf, violatedFieldsOf } from "./refusal.ts";
import { finish, keepRunning, step } from "./stored.ts";

describe.each(protocols)("WaitOperation over $name", (protocol) => {
  it("answers as soon as the operation is done", async () => {
    await using service = await openService(protocol);
    const name = await keepRunning(service.store);
    const waiting = service.client.waitOperation({ name });
    await waitersOf(service, 1);
    await finish(service.store, name, "just now");
    expect(responseOf(await waiting).payload).toBe("just now");
  });

  it("answers at once where the operation is done", async () => {
    await using service = await openService(protocol);
    const name = await keepRunning(service.store);
    await finish(service.store, name);
    expect((await service.client.waitOperation({ name, timeout: { seconds: 60n } })).done).toBe(true);
  });

  it("goes on waiting when the operation has only reported progress", async () => {
    await using service = await openService(protocol);
    const name = await keepRunning(service.store);
    const waiting = service.client.waitOperation({ name });
    await waitersOf(service, 1);
    await step(service.store, name, 1);
    await settled();
    const stillWaiting = service.operations.service.waiting;
    await finish(service.store, name);
    await waiting;
    expect(stillWaiting).toBe(1);
  });

  it("answers at once, not done, where the timeout is zero", async () => {
    await using service = await openService(protocol);
    const name = await keepRunning(service.store);
    expect((await service.client.waitOperation({ name, timeout: {} })).done).toBe(false);
  });

  it("answers the latest state, and no error, when its timeout runs out", async () => {
    const clock = new FakeClock();
    await using service = await openService(protocol, { clock });
    const name = await keepRunning(service.store);
    const waiting = service.client.waitOperation({ name, timeout: { seconds: 5n } });
    await waitersOf(service, 1);
    await step(service.store, name, 3);
    clock.advance(5_000);
    const operation = await waiting;
    expect([operation.done, metadataOf(operation).stepsDone]).toEqual([false, 3]);
  });

  it("waits as long as its timeout says, not less", async () => {
    const clock = new FakeClock();
    await using service = await openService(protocol, { clock });
    const name = await keepRunning(service.store);
    const waiting = service.client.waitOperation({ name, timeout: { seconds: 5n } });
    expect(await waitersAfter(service, clock, 4_999, waiting)).toBe(1);
  });

  it("counts a timeout of nanoseconds alone", async () => {
    const clock = new FakeClock();
    await using service = await openService(protocol, { clock });
    const name = await keepRunning(service.store);
    const waiting = service.client.waitOperation({ name, timeout: { nanos: 500_000_000 } });
    const before = await waitersAfter(service, clock, 499, waiting);
    clock.advance(1);
    expect([before, (await waiting).done]).toEqual([1, false]);
  });

  it("waits no longer than the server's own limit", async () => {
    const clock = new FakeClock();
    await using service = await openService(protocol, { clock, maxWaitMs: 1_000 });
    const name = await keepRunning(service.store);
    const waiting = service.client.waitOperation({ name, timeout: { seconds: 3_600n } });
    const before = await waitersAfter(service, clock, 999, waiting);
    clock.advance(1);
    expect([before, (await waiting).done]).toEqual([1, false]);
  });

  it("waits up to the server's limit where neither a timeout nor a deadline is given", async () => {
    const clock = new FakeClock();
    await using service = await openService(protocol, { clock });
    const name = await keepRunning(service.store);
    const waiting = service.client.waitOperation({ name });
    const before = await waitersAfter(service, clock, 239_999, waiting);
    clock.advance(1);
    expect([before, (await waiting).done]).toEqual([1, false]);
  });

  it("waits no longer than the caller's deadline less its margin", async () => {
    const clock = new FakeClock();
    await using service = await openService(protocol, { clock });
    const name = await keepRunning(service.store);
    const waiting = service.client.waitOperation({ name }, { timeoutMs: 60_000 });
    // The call took some of its time to get here: less than 19 s, in any case.
    const before = await waitersAfter(service, clock, 40_000, waiting);
    clock.advance(19_000);
    expect([before, (await waiting).done]).toEqual([1, false]);
  });

  it("answers at once where the deadline is nearer than its margin", async () => {
    const deadlineMargin = { share: 0, leastMs: 60_000, mostMs: 60_000 };
    await using service = await openService(protocol, { deadlineMargin });
    const name = await keepRunning(service.store);
    expect((await service.client.waitOperation({ name }, { timeoutMs: 30_000 })).done).toBe(false);
  });

  it("refuses a negative timeout, whether or not the operation is done", async () => {
    await using service = await openService(protocol);
    const name = await keepRunning(service.store);
    await finish(service.store, name);
    const error = await refusalOf(service.client.waitOperation({ name, timeout: { seconds: -1n } }));
    expect([error.code, violatedFieldsOf(error)]).toEqual([Code.InvalidArgument, ["timeout"]]);
  });

  it("answers each of many who wait for the same operation", async () => {
    await using service = await openService(protocol);
    const name = await keepRunning(service.store);
    const waiting = Array.from({ length: 50 }, () => service.client.waitOperation({ name }));
    await waitersOf(service, 50);
    await finish(service.store, name);
    expect((await Promise.all(waiting)).map(({ done }) => done)).toEqual(Array(50).fill(true));
  });

  it("answers those alone whose operation is done", async () => {
    await using service = await openService(protocol);
    const [name, other] = [await keepRunning(service.store), await keepRunning(service.store)];
    const [first, second] = [name, other].map((each) => service.client.waitOperation({ name: each }));
    await waitersOf(service, 2);
    await finish(service.store, name);
    await first;
    const stillWaiting = service.operations.service.waiting;
    await finish(service.store, other);
    await second;
    expect(stillWaiting).toBe(1);
  });

  it("leaves nothing behind of a waiter that was answered", async () => {
    const clock = new FakeClock();
    await using service = await openService(protocol, { clock });
    const before = tracesOf(service, clock);
    const name = await keepRunning(service.store);
    const waiting = service.client.waitOperation({ name }, { timeoutMs: 60_000 });
    await waitersOf(service, 1);
    await finish(service.store, name);
    await waiting;
    expect(tracesOf(service, clock)).toEqual(before);
  });

  it("leaves nothing behind of a waiter whose time ran out", async () => {
    const clock = new FakeClock();
    await using service = await openService(protocol, { clock });
    const before = tracesOf(service, clock);
    const name = await keepRunning(service.store);
    const waiting = service.client.waitOperation({ name, timeout: { seconds: 1n } });
    await waitersOf(service, 1);
    clock.advance(1_000);
    await waiting;
    expect(tracesOf(service, clock)).toEqual(before);
  });

  it("leaves nothing behind of a waiter that cancelled its call", async () => {
    const clock = new FakeClock();
    await using service = await openService(protocol, { clock });
    const before = tracesOf(service, clock);
    const name = await keepRunning(service.store);
    const stop = new AbortController();
    const waiting = refusalOf(service.client.waitOperation({ name }, { signal: stop.signal }));
    await waitersOf(service, 1);
    stop.abort();
    await waiting;
    await waitersOf(service, 0);
    expect(tracesOf(service, clock)).toEqual(before);
  });

  it("leaves nothing behind of waiters whose connection broke", async () => {
    const clock = new FakeClock();
    await using service = await openService(protocol, { clock });
    const before = tracesOf(service, clock);
    const name = await keepRunning(service.store);
    const waiting = Array.from({ length: 5 }, () => refusalOf(service.client.waitOperation({ name })));
    await waitersOf(service, 5);
    service.connection[Symbol.dispose]();
    await Promise.all(waiting);
    await waitersOf(service, 0);
    expect(tracesOf(service, clock)).toEqual(before);
  });

  it("leaves nothing behind of a waiter whose deadline passed while the clock stood still", async () => {
    const clock = new FakeClock();
    await using service = await openService(protocol, { clock });
    const before = tracesOf(service, clock);
    const name = await keepRunning(service.store);
    const error = await refusalOf(service.client.waitOperation({ name }, { timeoutMs: 50 }));
    await waitersOf(service, 0);
    expect([error.code, tracesOf(service, clock)]).toEqual([Code.DeadlineExceeded, before]);
  });

  it.each([
    ["the operations are told to", (operations: OperationsServer) => operations.answerWaiting()],
    ["the operations are closed", (operations: OperationsServer) => void operations.close()],
  ])("answers everyone with the latest state when %s", async (_when, stop) => {
    await using service = await openService(protocol);
    const name = await keepRunning(service.store);
    const waiting = Array.from({ length: 5 }, () => service.client.waitOperation({ name }));
    await waitersOf(service, 5);
    await step(service.store, name, 4);
    stop(service.operations);
    expect((await Promise.all(waiting)).map(stateOf)).toEqual(Array(5).fill([false, 4]));
  });

  it("answers everyone with the latest state when the server is closed", async () => {
    await using service = await openService(protocol);
    const name = await keepRunning(service.store);
    const waiting = Array.from({ length: 5 }, () => service.client.waitOperation({ name }));
    await waitersOf(service, 5);
    await step(service.store, name, 4);
    void service.server.close();
    expect((await Promise.all(waiting)).map(stateOf)).toEqual(Array(5).fill([false, 4]));
  });

  it("answers at once, not done, once the operations were told to answer", async () => {
    await using service = await openService(protocol);
    const name = await keepRunning(service.store);
    service.operations.answerWaiting();
    expect((await service.client.waitOperation({ name })).done).toBe(false);
  });
});

describe.each(protocols.filter(({ json }) => !json))("WaitOperation over $name", (protocol) => {
  it.each([
    ["more seconds than a Duration has", { seconds: 315_576_000_001n }],
    ["a whole second of nanos", { nanos: 1_000_000_000 }],
    ["seconds and nanos of different signs", { seconds: 1n, nanos: -1 }],
  ])("refuses %s", async (_what, timeout) => {
    await using service = await openService(protocol);
    const name = await keepRunning(service.store);
    const error = await refusalOf(service.client.waitOperation({ name, timeout }));
    expect([error.code, violatedFieldsOf(error)]).toEqual([Code.InvalidArgument, ["timeout"]]);
  });
});

function waitersOf({ operations }: OpenService, count: number): Promise<void> {
  return until(() => operations.service.waiting === count);
}

/** How many still wait after some time. Fails at once where the call ended before it waited. */
async function waitersAfter(
  service: OpenService,
  clock: FakeClock,
  passedMs: number,
  waiting: Promise<unknown>,
): Promise<number> {
  waiting.catch(() => {});
  await waitersOf(service, 1);
  clock.advance(passedMs);
  await settled();
  return service.operations.service.waiting;
}

/** All that a waiter holds on the server. */
function tracesOf({ operations, store }: OpenService, clock: FakeClock) {
  return {
    waiting: operations.service.waiting,
    subscriptions: store.changes.subscriptions,
    timers: clock.pendingTimers,
  };
}

function stateOf(operation: Operation): [done: boolean, stepsDone: number] {
  return [operation.done, metadataOf(operation).stepsDone];
}
