import { describe, expect, it } from "vitest";
import { ChangeHub } from "../../src/store/change-hub.ts";

const MANY = 10_000;

/** Subscribes many times, counts each subscriber's calls, and keeps the ways out. */
function subscribeMany(hub: ChangeHub, nameOf: (i: number) => string) {
  const calls = new Array<number>(MANY).fill(0);
  const unsubscribes = calls.map((_, i) =>
    hub.subscribe(nameOf(i), () => {
      calls[i] = (calls[i] ?? 0) + 1;
    }),
  );
  return { calls, unsubscribes };
}

function countsOf(calls: readonly number[]): ReadonlySet<number> {
  return new Set(calls);
}

describe("ChangeHub", () => {
  it("has no subscriptions at first", () => {
    expect(new ChangeHub().subscriptions).toBe(0);
  });

  it("tells each of 10,000 subscribers of one name once", () => {
    const hub = new ChangeHub();
    const { calls } = subscribeMany(hub, () => "a");
    hub.announce("a");
    expect(countsOf(calls)).toEqual(new Set([1]));
  });

  it("tells the subscriber of one of 10,000 names, and no other", () => {
    const hub = new ChangeHub();
    const { calls } = subscribeMany(hub, (i) => `${i}`);
    hub.announce("7");
    expect(calls.flatMap((count, i) => (count === 0 ? [] : [`${i}: ${count}`]))).toEqual(["7: 1"]);
  });

  it.each([
    ["one name", () => "a"],
    ["10,000 names", (i: number) => `${i}`],
  ])("counts 10,000 subscribers of %s", (_, nameOf) => {
    const hub = new ChangeHub();
    subscribeMany(hub, nameOf);
    expect(hub.subscriptions).toBe(MANY);
  });

  it.each([
    ["one name, first come first gone", () => "a", (ends: (() => void)[]) => ends],
    ["one name, last come first gone", () => "a", (ends: (() => void)[]) => ends.toReversed()],
    ["10,000 names", (i: number) => `${i}`, (ends: (() => void)[]) => ends],
  ])("has nothing left of 10,000 subscribers of %s", (_, nameOf, inOrder) => {
    const hub = new ChangeHub();
    const { unsubscribes } = subscribeMany(hub, nameOf);
    for (const unsubscribe of inOrder(unsubscribes)) unsubscribe();
    expect(hub.subscriptions).toBe(0);
  });

  it("tells those who stay when others have gone", () => {
    const hub = new ChangeHub();
    const { calls, unsubscribes } = subscribeMany(hub, () => "a");
    for (const unsubscribe of unsubscribes.slice(1)) unsubscribe();
    hub.announce("a");
    expect(calls.reduce((sum, count) => sum + count)).toBe(calls[0]);
  });

  it("tells those of other names when the last of one name has gone", () => {
    const hub = new ChangeHub();
    let calls = 0;
    hub.subscribe("b", () => calls++);
    hub.subscribe("a", () => {})();
    hub.announce("b");
    expect(calls).toBe(1);
  });

  it("tells one who subscribed the same function twice twice", () => {
    const hub = new ChangeHub();
    let calls = 0;
    const count = () => calls++;
    hub.subscribe("a", count);
    hub.subscribe("a", count);
    hub.announce("a");
    expect(calls).toBe(2);
  });

  it("ends one subscription only, though the same function has two", () => {
    const hub = new ChangeHub();
    const count = () => {};
    const unsubscribe = hub.subscribe("a", count);
    hub.subscribe("a", count);
    unsubscribe();
    expect(hub.subscriptions).toBe(1);
  });

  it("ends no other subscription when one is ended twice", () => {
    const hub = new ChangeHub();
    const unsubscribe = hub.subscribe("a", () => {});
    unsubscribe();
    hub.subscribe("a", () => {});
    unsubscribe();
    expect(hub.subscriptions).toBe(1);
  });

  it("does not tell one who subscribes while others are told", () => {
    const hub = new ChangeHub();
    let calls = 0;
    const again = () => {
      calls++;
      hub.subscribe("a", again);
    };
    hub.subscribe("a", again);
    hub.announce("a");
    expect(calls).toBe(1);
  });

  it("tells the others when one unsubscribes while it is told", () => {
    const hub = new ChangeHub();
    let calls = 0;
    const unsubscribe = hub.subscribe("a", () => unsubscribe());
    hub.subscribe("a", () => calls++);
    hub.announce("a");
    expect(calls).toBe(1);
  });

  it("does not tell one whose subscription another one ends while it is told", () => {
    const hub = new ChangeHub();
    let calls = 0;
    hub.subscribe("a", () => end());
    const end = hub.subscribe("a", () => calls++);
    hub.announce("a");
    expect(calls).toBe(0);
  });

  it("tells everyone who listens to everything of each change, by name", () => {
    const hub = new ChangeHub();
    const heard: string[] = [];
    hub.on("change", (name) => heard.push(name));
    hub.announce("a");
    hub.announce("__proto__");
    expect(heard).toEqual(["a", "__proto__"]);
  });
});
