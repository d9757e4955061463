import { describe, expect, it } from "vitest";
import type { StoredOperation } from "../../src/operation/stored-operation.ts";
import { ChangeHub } from "../../src/store/change-hub.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import type { OperationStore } from "../../src/store/operation-store.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { settled } from "../until.ts";
import { type OpenService, openService } from "./open-service.ts";
import { grpc } from "./protocols.ts";
import { finish, finishFor, keepMany, keepRunning, step } from "./stored.ts";
import { type Watching, watching } from "./watching.ts";

/** A store whose lists and reads can be held back once they are read. */
class LateStore extends MemoryStore {
  gate: Promise<void> | undefined;
  lists = 0;

  override async list(...query: Parameters<MemoryStore["list"]>): Promise<readonly StoredOperation[]> {
    const found = await super.list(...query);
    this.lists++;
    await this.gate;
    return found;
  }
}

/** A store whose events are lost on their way. */
class SilentStore extends MemoryStore {
  override readonly changes: ChangeHub = Object.assign(new ChangeHub(), { announce() {} });
}

/** The same, which other processes use too. */
function sharedSilentStore(): OperationStore {
  return Object.defineProperty(new SilentStore(), "isShared", { value: true });
}

interface Opened<Store> extends AsyncDisposable {
  readonly store: Store;
  readonly clock: FakeClock;
  readonly service: OpenService;
  watch(request: Parameters<typeof watching>[1]): Watching;
}

async function open<Store extends OperationStore>(store: Store): Promise<Opened<Store>> {
  const clock = new FakeClock();
  const service = await openService(grpc, { store, clock });
  return {
    ...{ store, clock, service },
    watch: (request) => watching(service.connection.transport, request),
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  };
}

/** Lets so much time go by, and what comes of it happen. */
async function elapse(clock: FakeClock, ms: number): Promise<void> {
  await settled();
  clock.advance(ms);
  await settled();
}

describe("a watch", () => {
  it("tells of a change that comes while the snapshot is read", async () => {
    await using opened = await open(new LateStore());
    const { store } = opened;
    const [kept, deleted] = [await keepRunning(store, { id: "a" }), await keepRunning(store, { id: "b" })];
    const { promise, resolve } = Promise.withResolvers<void>();
    store.gate = promise;
    await using events = opened.watch({});
    const first = events.next();
    await expect.poll(() => store.lists).toBeGreaterThan(0);
    await finish(store, kept);
    await store.delete(deleted);
    resolve();
    expect([await first, ...(await events.upTo("complete"))]).toEqual([`${kept} done`, "complete"]);
  });

  it("shows no more operations than it was asked for, newest first", async () => {
    await using opened = await open(new MemoryStore());
    const names: string[] = [];
    for (let i = 0; i < 5; i++) names.push(await keepRunning(opened.store, { createTimeMs: i }));
    await using events = opened.watch({ maxOperations: 2 });
    expect(await events.upTo("complete")).toEqual([`${names[4]} running`, `${names[3]} running`, "complete"]);
  });

  it("shows what changes in the place of what is done, or has not changed for longest", async () => {
    await using opened = await open(new MemoryStore());
    const { store } = opened;
    const [a, b, c, d] = [
      await keepRunning(store, { id: "a", createTimeMs: 1 }),
      await keepRunning(store, { id: "b", createTimeMs: 2 }),
      await keepRunning(store, { id: "c", createTimeMs: 3 }),
      await keepRunning(store, { id: "d", createTimeMs: 4 }),
    ];
    await finish(store, c);
    await using events = opened.watch({ maxOperations: 2 });
    await events.upTo("complete");
    await step(store, a, 1);
    const first = [await events.next(), await events.next()];
    await step(store, b, 1);
    expect([first, [await events.next(), await events.next()]]).toEqual([
      [`gone ${c} CROWDED_OUT`, `${a} running`],
      [`gone ${d} CROWDED_OUT`, `${b} running`],
    ]);
  });

  it("reads a snapshot of many operations page by page", async () => {
    await using opened = await open(new MemoryStore());
    const names = await keepMany(opened.store, 350);
    await using events = opened.watch({});
    expect(await events.upTo("complete")).toEqual([...names.map((name) => `${name} running`), "complete"]);
  });

  it("tells of one that was made anew under its name", async () => {
    await using opened = await open(new MemoryStore());
    const name = await keepRunning(opened.store, { id: "a", createTimeMs: 1 });
    await using events = opened.watch({});
    await events.upTo("complete");
    await opened.store.delete(name);
    await keepRunning(opened.store, { id: "a", createTimeMs: 2 });
    const told = [await events.next()];
    if (told[0]?.startsWith("gone")) told.push(await events.next());
    expect(told.at(-1)).toBe(`${name} running`);
  });

  it.each([
    ["names", 30_000, () => new SilentStore(), true],
    ["a parent", 30_000, () => new SilentStore(), false],
    ["a parent in a store that others use too", 5_000, sharedSilentStore, false],
  ])("of %s looks for itself after %i ms, where no event comes", async (_, recheckMs, openStore, byName) => {
    await using opened = await open<OperationStore>(openStore());
    const { store } = opened;
    const name = await keepRunning(store);
    await using events = opened.watch(byName ? { names: [name] } : {});
    await events.upTo("complete");
    await finish(store, name);
    const next = events.upTo(`${name} done`);
    for (let ms = 0; ms < recheckMs; ms += 5_000) await elapse(opened.clock, 5_000);
    expect((await next).at(-1)).toBe(`${name} done`);
  });

  it("finds by itself what is new, where no event comes", async () => {
    await using opened = await open(sharedSilentStore());
    await using events = opened.watch({});
    await events.upTo("complete");
    const name = await keepRunning(opened.store);
    const next = events.next();
    await elapse(opened.clock, 5_000);
    expect(await next).toBe(`${name} running`);
  });

  it("finds by itself that what was done is gone, within a minute, where no event comes", async () => {
    await using opened = await open(sharedSilentStore());
    const name = await keepRunning(opened.store);
    await finishFor(opened.store, name, 1);
    await using events = opened.watch({});
    await events.upTo("complete");
    await opened.store.delete(name);
    const told = events.upTo(`gone ${name} DELETED`);
    for (let ms = 0; ms < 60_000; ms += 5_000) await elapse(opened.clock, 5_000);
    expect((await told).at(-1)).toBe(`gone ${name} DELETED`);
  });

  it("looks for itself at once where a store says that events were lost", async () => {
    await using opened = await open(sharedSilentStore());
    await using events = opened.watch({});
    await events.upTo("complete");
    const name = await keepRunning(opened.store);
    opened.store.changes.announceMissed();
    expect(await events.next()).toBe(`${name} running`);
  });

  it("does not show again what was crowded out only because it looks for itself", async () => {
    await using opened = await open(sharedSilentStore());
    const { store } = opened;
    const [older] = [await keepRunning(store, { id: "a", createTimeMs: 1 })];
    await keepRunning(store, { id: "b", createTimeMs: 2 });
    await using events = opened.watch({ maxOperations: 1 });
    await events.upTo("complete");
    // Nobody is told of it but those who watch all of the parent.
    store.changes.emit("change", older);
    await events.next();
    await events.next();
    const next = events.next();
    for (let ms = 0; ms < 15_000; ms += 5_000) await elapse(opened.clock, 5_000);
    expect(await next).toBe("keepAlive");
  });

  it("counts among the calls that wait", async () => {
    await using service = await openService(grpc, { maxWaits: 1 });
    const name = await keepRunning(service.store);
    await using events = watching(service.connection.transport, {});
    await events.upTo("complete");
    await expect(service.client.waitOperation({ name })).rejects.toMatchObject({ code: 8 });
  });

  it("lasts no longer than the server lets it", async () => {
    const clock = new FakeClock();
    await using service = await openService(grpc, { clock, maxWatchMs: 7_000 });
    const events = watching(service.connection.transport, {});
    await events.upTo("complete");
    const rest = events.rest();
    await elapse(clock, 7_000);
    expect(await rest).toEqual(["end TIME_UP", "closed"]);
  });

  it("is not offered where it is switched off", async () => {
    await using service = await openService(grpc, { watch: false });
    await expect(watching(service.connection.transport, {}).next()).rejects.toMatchObject({ code: 12 });
  });
});
