import { describe, expect, it } from "vitest";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { Recurring } from "../../src/time/recurring.ts";
import { settled } from "../until.ts";

/** Counts how often it was done, on a clock that stands still. */
function openCounting(act: () => Promise<void> = async () => {}) {
  const clock = new FakeClock();
  let count = 0;
  const recurring = new Recurring(
    clock,
    () => 1_000,
    () => {
      count++;
      return act();
    },
  );
  const pass = async (ms: number) => {
    clock.advance(ms);
    await settled();
  };
  return { clock, recurring, pass, count: () => count };
}

describe("what recurs", () => {
  it("is done after each pause, and not before", async () => {
    const { count, pass } = openCounting();
    const counts = [];
    for (const ms of [999, 1, 999, 1]) {
      await pass(ms);
      counts.push(count());
    }
    expect(counts).toEqual([0, 1, 1, 2]);
  });

  it("is done at once where that is asked for, and a pause later again", async () => {
    const { count, pass, recurring } = openCounting();
    await pass(500);
    await recurring.now();
    await pass(999);
    const before = count();
    await pass(1);
    expect([before, count()]).toEqual([1, 2]);
  });

  it("is done once for all who ask while it is being done", async () => {
    const done = Promise.withResolvers<void>();
    const { count, recurring } = openCounting(() => done.promise);
    const asked = [recurring.now(), recurring.now()];
    done.resolve();
    await Promise.all(asked);
    expect(count()).toBe(1);
  });

  it("is done no more once it is closed, and leaves no timer behind", async () => {
    const { clock, count, pass, recurring } = openCounting();
    await recurring.close();
    await pass(5_000);
    await recurring.now();
    expect([count(), clock.pendingTimers]).toEqual([0, 0]);
  });

  it("is over when it is closed", async () => {
    const done = Promise.withResolvers<void>();
    const { clock, recurring } = openCounting(() => done.promise);
    void recurring.now();
    let closed = false;
    const closing = recurring.close().then(() => {
      closed = true;
    });
    await settled();
    const closedEarly = closed;
    done.resolve();
    await closing;
    expect([closedEarly, recurring.isClosed, clock.pendingTimers]).toEqual([false, true, 0]);
  });
});
