import { createClient, createRouterTransport } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { Operations } from "../../gen/google/longrunning/operations_pb.ts";
import type { StoredOperation } from "../../src/operation/stored-operation.ts";
import { OperationsService } from "../../src/service/operations-service.ts";
import { ChangeHub } from "../../src/store/change-hub.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { settled, until } from "../until.ts";
import { refusalOf } from "./refusal.ts";
import { finish, keepRunning, step } from "./stored.ts";

/** Counts how often it is asked, and can be made to answer late. */
class WatchedStore extends MemoryStore {
  gets = 0;
  gate: Promise<void> | undefined;

  override async get(name: string): Promise<StoredOperation | undefined> {
    this.gets++;
    const stored = await super.get(name);
    await this.gate;
    return stored;
  }
}

/** A store whose events are lost on their way. */
class SilentStore extends MemoryStore {
  override readonly changes: ChangeHub = Object.assign(new ChangeHub(), { announce() {} });
}

function openInMemory<Store extends MemoryStore>(store: Store) {
  const clock = new FakeClock();
  const service = new OperationsService(store, { clock });
  const client = createClient(
    Operations,
    createRouterTransport(({ service: mount }) => mount(Operations, service)),
  );
  return { client, clock, service, store };
}

describe("those who wait for an operation", () => {
  it("look at the store once, together, when the operation is done", async () => {
    const { client, service, store } = openInMemory(new WatchedStore());
    const name = await keepRunning(store);
    const waiting = Array.from({ length: 100 }, () => client.waitOperation({ name }));
    await until(() => service.waiting === 100);
    await settled();
    store.gets = 0;
    await finish(store, name);
    await Promise.all(waiting);
    // One look is that of the completion itself.
    expect(store.gets).toBe(1 + 1);
  });

  it("look at the store when they come, whoever waits already", async () => {
    const { client, service, store } = openInMemory(new SilentStore());
    const name = await keepRunning(store);
    client.waitOperation({ name }).catch(() => {});
    await until(() => service.waiting === 1);
    await finish(store, name);
    expect((await client.waitOperation({ name })).done).toBe(true);
  });

  it("share a timer with all whose time is up at the same moment", async () => {
    const { client, clock, service, store } = openInMemory(new MemoryStore());
    const name = await keepRunning(store);
    const waiting = Array.from({ length: 10 }, () =>
      client.waitOperation({ name, timeout: { seconds: 9n } }),
    );
    await until(() => service.waiting === 10);
    await settled();
    const timers = clock.pendingTimers;
    clock.advance(9_000);
    await Promise.all(waiting);
    // The other timer is that of the next look at the operation.
    expect(timers).toBe(1 + 1);
  });

  it("are all refused when the store refuses to answer", async () => {
    const { client, clock, service, store } = openInMemory(new WatchedStore());
    const name = await keepRunning(store);
    const waiting = Array.from({ length: 3 }, () => refusalOf(client.waitOperation({ name })));
    await until(() => service.waiting === 3);
    await settled();
    store.gate = Promise.reject(new Error("the store is away"));
    clock.advance(30_000);
    await Promise.all(waiting);
    expect([service.waiting, store.changes.subscriptions, clock.pendingTimers]).toEqual([0, 0, 0]);
  });

  it("do not look again and again while nothing happens", async () => {
    const { client, clock, service, store } = openInMemory(new WatchedStore());
    const name = await keepRunning(store);
    const waiting = client.waitOperation({ name });
    await until(() => service.waiting === 1);
    await settled();
    clock.advance(29_999);
    await settled();
    const looks = store.gets;
    await finish(store, name);
    await waiting;
    expect(looks).toBe(1);
  });

  it("find a change that nobody told them of within half a minute", async () => {
    const { client, clock, service, store } = openInMemory(new SilentStore());
    const name = await keepRunning(store);
    const waiting = client.waitOperation({ name });
    await until(() => service.waiting === 1);
    await settled();
    await finish(store, name);
    clock.advance(30_000);
    expect((await waiting).done).toBe(true);
  });

  it("are answered where the operation ends between their first look and its answer", async () => {
    const { client, service, store } = openInMemory(new WatchedStore());
    const name = await keepRunning(store);
    const late = Promise.withResolvers<void>();
    store.gate = late.promise;
    const waiting = client.waitOperation({ name });
    await until(() => service.waiting === 1 && store.gets === 1);
    store.gate = undefined;
    await finish(store, name);
    late.resolve();
    expect((await waiting).done).toBe(true);
  });

  it("are answered with NOT_FOUND when the operation goes away", async () => {
    const { client, clock, service, store } = openInMemory(new MemoryStore());
    const name = await keepRunning(store);
    const waiting = refusalOf(client.waitOperation({ name }));
    await until(() => service.waiting === 1);
    await store.delete(name);
    const { rawMessage } = await waiting;
    expect([rawMessage, clock.pendingTimers]).toEqual([`operation "${name}" is not found`, 0]);
  });

  it("are answered with what they last missed when their time runs out", async () => {
    const { client, clock, service, store } = openInMemory(new SilentStore());
    const name = await keepRunning(store);
    const waiting = client.waitOperation({ name, timeout: { seconds: 1n } });
    await until(() => service.waiting === 1);
    await step(store, name, 1);
    await finish(store, name);
    clock.advance(1_000);
    expect((await waiting).done).toBe(true);
  });

  it("leave nothing behind when the store refuses to answer", async () => {
    const { client, clock, service, store } = openInMemory(new WatchedStore());
    const name = await keepRunning(store);
    store.gate = Promise.reject(new Error("the store is away"));
    await refusalOf(client.waitOperation({ name }));
    expect([service.waiting, store.changes.subscriptions, clock.pendingTimers]).toEqual([0, 0, 0]);
  });

  it("hold nothing where they need not wait", async () => {
    const { client, clock, store } = openInMemory(new MemoryStore());
    const name = await keepRunning(store);
    await client.waitOperation({ name, timeout: {} });
    expect([store.changes.subscriptions, clock.pendingTimers]).toEqual([0, 0]);
  });
});
