import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { settled, until } from "../until.ts";
import { type OpenService, openService } from "./open-service.ts";
import { protocols } from "./protocols.ts";
import { refusalOf } from "./refusal.ts";
import { finish, finishFor, keepRunning, say, step } from "./stored.ts";
import { type Watching, watching } from "./watching.ts";

describe.each(protocols)("a watch over $name", (protocol) => {
  let service: OpenService;
  let clock: FakeClock;

  beforeEach(async () => {
    clock = new FakeClock();
    service = await openService(protocol, { clock });
  });

  afterEach(() => service[Symbol.asyncDispose]());

  function watch(
    request: Parameters<typeof watching>[1],
    options: Parameters<typeof watching>[2] = {},
  ): Watching {
    return watching(service.connection.transport, request, options);
  }

  it("by name tells how it is, that this is all, each change, and the end", async () => {
    const name = await keepRunning(service.store);
    const events = watch({ names: [name] });
    const before = await events.upTo("complete");
    await finish(service.store, name);
    expect([before, await events.rest()]).toEqual([
      [`${name} running`, "complete"],
      [`${name} done`, "end ALL_DONE", "closed"],
    ]);
  });

  it("by names ends when all of them are done or gone", async () => {
    const names = [await keepRunning(service.store), await keepRunning(service.store)];
    const [one = "", other = ""] = names;
    const events = watch({ names });
    await events.upTo("complete");
    await finish(service.store, one);
    const first = await events.next();
    await service.store.delete(other);
    expect([first, await events.rest()]).toEqual([
      `${one} done`,
      [`gone ${other} DELETED`, "end ALL_DONE", "closed"],
    ]);
  });

  it("of what is done already ends at once", async () => {
    const name = await keepRunning(service.store);
    await finish(service.store, name);
    expect(await watch({ names: [name] }).rest()).toEqual([
      `${name} done`,
      "complete",
      "end ALL_DONE",
      "closed",
    ]);
  });

  it("of a parent tells of what is there, newest first, of what is new, and of what is gone", async () => {
    const older = await keepRunning(service.store, { parent: "projects/a", createTimeMs: 1 });
    const newer = await keepRunning(service.store, { parent: "projects/a", createTimeMs: 2 });
    await keepRunning(service.store, { parent: "projects/b" });
    await using events = watch({ parent: "projects/a" });
    const snapshot = await events.upTo("complete");
    const third = await keepRunning(service.store, { parent: "projects/a" });
    const fresh = await events.next();
    await service.store.delete(older);
    expect([snapshot, fresh, await events.next()]).toEqual([
      [`${newer} running`, `${older} running`, "complete"],
      `${third} running`,
      `gone ${older} DELETED`,
    ]);
  });

  it("across parents tells of those of each", async () => {
    await using events = watch({ parent: "projects/-" });
    await events.upTo("complete");
    await keepRunning(service.store, { parent: "folders/a" });
    const name = await keepRunning(service.store, { parent: "projects/b" });
    expect(await events.next()).toBe(`${name} running`);
  });

  it("with a filter tells of what comes to match and of what does no longer", async () => {
    const name = await keepRunning(service.store);
    await using running = watch({ filter: "done=false" });
    await using done = watch({ filter: "done=true" });
    const before = [await running.upTo("complete"), await done.upTo("complete")];
    await finish(service.store, name);
    expect([before, await running.next(), await done.next()]).toEqual([
      [[`${name} running`, "complete"], ["complete"]],
      `gone ${name} UNMATCHED`,
      `${name} done`,
    ]);
  });

  it("tells of what has expired that it is gone", async () => {
    const name = await keepRunning(service.store);
    await finishFor(service.store, name, 1_000);
    await using events = watch({});
    await events.upTo("complete");
    await service.store.deleteExpired(1_001, 1);
    expect(await events.next()).toBe(`gone ${name} DELETED`);
  });

  it("is alive where nothing happens for 15 seconds", async () => {
    await using events = watch({});
    await events.upTo("complete");
    await until(() => clock.pendingTimers > 0);
    const next = events.next();
    await settled();
    clock.advance(15_000);
    expect(await next).toBe("keepAlive");
  });

  it("ends before the deadline of its call", async () => {
    const events = watch({}, { timeoutMs: 60_000 });
    await events.upTo("complete");
    const rest = events.rest();
    await settled();
    for (let i = 0; i < 4; i++) {
      clock.advance(15_000);
      await settled();
    }
    expect((await rest).slice(-2)).toEqual(["end TIME_UP", "closed"]);
  });

  it("ends when the server stops", async () => {
    const events = watch({});
    await events.upTo("complete");
    void service.server.close();
    expect(await events.rest()).toEqual(["end SERVER_STOPPING", "closed"]);
  });

  it("leaves nothing behind when its client leaves", async () => {
    const timersBefore = clock.pendingTimers;
    const name = await keepRunning(service.store);
    const watches = [watch({}), watch({ names: [name] })];
    for (const events of watches) await events.upTo("complete");
    const { changes } = service.store;
    const during = [changes.listenerCount("change") > 0, changes.subscriptions];
    for (const events of watches) events.leave();
    await until(() => changes.subscriptions === 0 && changes.listenerCount("change") === 0);
    await settled();
    expect([during, clock.pendingTimers]).toEqual([[true, 1], timersBefore]);
  });

  it.each([
    ["a name that nobody has", { names: [`operations/${"0".repeat(32)}`] }, "is not found"],
    ["what is no name", { names: ["nonsense"] }, 'names "nonsense" is not operations/ID'],
    ["no name at all", { names: [""] }, 'names "" is empty'],
    ["what is no parent", { parent: "operations/a" }, 'parent "operations/a" is not operations'],
    ["what is no filter", { filter: "done=" }, "filter"],
    ["fewer than no operations", { maxOperations: -1 }, "max_operations -1 is negative"],
    [
      "too many names",
      { names: Array.from({ length: 1_001 }, (_, i) => `operations/${i}`) },
      "more than 1000",
    ],
  ])("refuses %s", async (_, request, message) => {
    const { rawMessage } = await refusalOf(watch(request).next());
    expect(rawMessage).toContain(message);
  });

  it.each([{ parent: "projects/a" }, { filter: "done=true" }, { maxOperations: 1 }])(
    "refuses names together with %o",
    async (more) => {
      const names = [await keepRunning(service.store)];
      const { rawMessage } = await refusalOf(watch({ names, ...more }).next());
      expect(rawMessage).toContain("is not to be set with names");
    },
  );

  it("keeps nothing for a client that does not read, but what is true when it reads on", async () => {
    const name = await keepRunning(service.store);
    const events = watch({ names: [name] });
    await events.upTo("complete");
    const steps = 2_000;
    for (let i = 1; i <= steps; i++) {
      await say(service.store, name, "x".repeat(20_000));
      await nextTurn();
    }
    await finish(service.store, name);
    const told = await events.rest();
    expect([told.length < steps / 2, told.at(-2)]).toEqual([true, "end ALL_DONE"]);
  });

  it("tells of steps in their order, and never leaves out the last", async () => {
    const name = await keepRunning(service.store);
    await using events = watch({ names: [name] });
    await events.upTo("complete");
    for (let i = 1; i <= 100; i++) await step(service.store, name, i);
    await finish(service.store, name);
    const told = await events.rest();
    expect([told.length <= 103, told.slice(-3)]).toEqual([true, [`${name} done`, "end ALL_DONE", "closed"]]);
  });
});
