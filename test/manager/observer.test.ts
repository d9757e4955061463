import { describe, expect, it } from "vitest";
import type { OperationObserver, WorkEnd, WorkObserver } from "../../src/operation/operation-observer.ts";
import { SimulateWork } from "../../src/simulator/simulate-work.ts";
import { settled, until } from "../until.ts";
import { forever, openManager } from "./open-manager.ts";
import { Copy, LEASE_MS, openShared, responseOf } from "./open-shared.ts";

/** What an observer throws. */
const fault = new Error("the observer is broken");

const refuse = (): never => {
  throw fault;
};

const quiet: WorkObserver = {
  traceParent: undefined,
  within: (begin) => begin(),
  reported() {},
  ended() {},
};

/** An observer that hears of work, and is broken in one thing. */
function observerOf(broken: Partial<WorkObserver>): OperationObserver {
  return { workBegins: () => ({ ...quiet, ...broken }) };
}

/** Each way in which an observer may break while work is done. */
const broken: readonly [what: string, observer: OperationObserver][] = [
  ["throws where it is asked for a traceparent", { traceParent: refuse }],
  ["throws when an operation is started", { started: refuse }],
  ["rejects when an operation is started", { started: async () => refuse() }],
  ["throws when work begins", { workBegins: refuse }],
  ["answers nonsense when work begins", { workBegins: () => Promise.resolve(quiet) as never }],
  ["throws before it lets work begin", observerOf({ within: refuse })],
  ["does not let work begin", observerOf({ within: () => undefined as never })],
  [
    "throws after it has let work begin",
    observerOf({
      within(begin) {
        begin();
        return refuse();
      },
    }),
  ],
  ["throws at a report", observerOf({ reported: refuse })],
  ["throws at the end of work", observerOf({ ended: refuse })],
];

describe.each(broken)("with an observer that %s", (_, observer) => {
  it("work is done once, with its reports, and its slot is free again", async () => {
    const shared = openShared();
    const { manager } = shared.server({ observer });
    let begun = 0;
    manager.register(
      Copy,
      async ({ input, progress }) => {
        begun++;
        await progress({ message: "begun" });
        return { value: input.value };
      },
      { concurrency: 1 },
    );
    const names = [];
    for (const value of ["a", "b"]) names.push((await manager.start(Copy, { value })).name);
    const values = await Promise.all(names.map((name) => responseOf(shared.ended(name))));
    await until(() => manager.running === 0);
    expect([values, begun]).toEqual([["a", "b"], 2]);
  });
});

describe("with an observer that throws", () => {
  it("what it throws goes to the log", async () => {
    const { manager, logged } = openManager({ observer: { started: refuse } });
    await manager.start(SimulateWork, forever);
    expect(logged).toEqual([{ message: "the observer threw", cause: fault }]);
  });

  it("when a lease is lost, the work that is another's is told to stop", async () => {
    const shared = openShared();
    const first = shared.server({ observer: { leaseLost: refuse } });
    const signals: AbortSignal[] = [];
    first.manager.register(Copy, ({ signal }) => {
      signals.push(signal);
      return forever();
    });
    const { name } = await first.manager.start(Copy, { value: "x" });
    await settled();
    await first.die();
    shared.server().manager.register(Copy, () => ({ value: "x" }));
    shared.clock.advance(LEASE_MS);
    await shared.ended(name);
    await settled();
    expect(signals.map(({ aborted }) => aborted)).not.toContain(false);
  });

  it("at a sweep, the next sweep is made too", async () => {
    let sweeps = 0;
    const { clock } = openManager({
      observer: {
        swept() {
          sweeps++;
          refuse();
        },
      },
    });
    for (let i = 0; i < 2; i++) {
      clock.advance(60_000);
      await settled();
    }
    expect(sweeps).toBe(2);
  });
});

describe("an observer hears of work", () => {
  type Opened = ReturnType<typeof openManager>;

  /** How work ends for an observer that waits until something has happened to its operation. */
  async function endAfter(happen: (opened: Opened, name: string) => unknown, work = async () => ({})) {
    const ends: WorkEnd[] = [];
    const opened = openManager({ observer: observerOf({ ended: (end) => void ends.push(end) }) });
    const goOn = Promise.withResolvers<void>();
    const { name } = await opened.manager.start(SimulateWork, async ({ signal }) => {
      await goOn.promise;
      signal.throwIfAborted();
      return await work();
    });
    await happen(opened, name);
    await settled();
    goOn.resolve();
    await until(() => opened.manager.running === 0);
    return ends;
  }

  it.each<[end: WorkEnd, when: string, happen: (opened: Opened, name: string) => unknown]>([
    ["completed", "it answers", () => {}],
    ["cancelled", "it stops because a client has cancelled it", ({ cancel }, name) => cancel(name)],
    ["over", "its operation was deleted", ({ store }, name) => store.delete(name)],
    [
      "over",
      "somebody else has ended its operation",
      ({ manager }, name) => manager.setResult(SimulateWork, name, { payload: "theirs" }),
    ],
  ])("that it is %s where %s", async (end, _, happen) => {
    expect(await endAfter(happen)).toEqual([end]);
  });

  it("that it is failed where it throws", async () => {
    expect(await endAfter(() => {}, refuse)).toEqual(["failed"]);
  });
});

describe("a traceparent of an observer's own", () => {
  it.each([
    ["W3C's form", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true],
    ["another form", "my-trace", false],
    ["a NUL, which PostgreSQL keeps in no text", "00-\0", false],
  ])("of %s is kept only where it is one", async (_, traceParent, isKept) => {
    const { manager, store } = openManager({ observer: { traceParent: () => traceParent } });
    const { name } = await manager.start(SimulateWork, forever);
    expect((await store.get(name))?.traceParent).toBe(isKept ? traceParent : undefined);
  });
});
