import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FakeClock } from "../../src/testing/fake-clock.ts";

/** A clock, and a record of which of its timers rang when. */
function clockWithRecord() {
  const clock = new FakeClock();
  const rings: string[] = [];
  const ring = (name: string) => () => rings.push(`${name} at ${clock.monotonicMs()}`);
  return { clock, rings, ring };
}

describe("FakeClock", () => {
  it("stands still", async () => {
    const clock = new FakeClock();
    const before = [clock.wallMs(), clock.monotonicMs()];
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect([clock.wallMs(), clock.monotonicMs()]).toEqual(before);
  });

  it("starts at the time that it is given", () => {
    expect(new FakeClock(7).wallMs()).toBe(7);
  });

  it("moves both clocks on", () => {
    const clock = new FakeClock(1_000);
    clock.advance(234);
    expect([clock.wallMs(), clock.monotonicMs()]).toEqual([1_234, 234]);
  });

  it("does not go back", () => {
    expect(() => new FakeClock().advance(-1)).toThrow(RangeError);
  });

  it.each([-86_400_000, 86_400_000])("lets the wall clock jump by %d ms, and measures on", (jumpMs) => {
    const clock = new FakeClock(0);
    clock.advance(10);
    clock.wall = clock.wallMs() + jumpMs;
    clock.advance(1);
    expect([clock.wallMs(), clock.monotonicMs()]).toEqual([jumpMs + 11, 11]);
  });

  it("rings no timer because the wall clock jumps", () => {
    const { clock, rings, ring } = clockWithRecord();
    clock.after(10, ring("a"));
    clock.wall = clock.wallMs() + 1_000;
    clock.advance(9);
    expect(rings).toEqual([]);
  });

  it("rings a timer at its time", () => {
    const { clock, rings, ring } = clockWithRecord();
    clock.after(10, ring("a"));
    clock.advance(25);
    expect(rings).toEqual(["a at 10"]);
  });

  it("does not ring a timer before its time", () => {
    const { clock, rings, ring } = clockWithRecord();
    clock.after(10, ring("a"));
    clock.advance(9);
    expect(rings).toEqual([]);
  });

  it("rings in the order of time, and of setting where the time is the same", () => {
    const { clock, rings, ring } = clockWithRecord();
    clock.after(20, ring("late"));
    clock.after(10, ring("first"));
    clock.after(10, ring("second"));
    clock.advance(20);
    expect(rings).toEqual(["first at 10", "second at 10", "late at 20"]);
  });

  it("rings timers that a ring sets, where they are due by then too", () => {
    const { clock, rings, ring } = clockWithRecord();
    clock.after(10, () => {
      clock.after(10, ring("in time"));
      clock.after(11, ring("too late"));
    });
    clock.advance(20);
    expect(rings).toEqual(["in time at 20"]);
  });

  it("rings no timer that a ring calls off", () => {
    const { clock, rings, ring } = clockWithRecord();
    clock.after(10, () => callOff());
    const callOff = clock.after(10, ring("a"));
    clock.advance(10);
    expect(rings).toEqual([]);
  });

  it("rings what is due at once when it is advanced by nothing, and not before", () => {
    const { clock, rings, ring } = clockWithRecord();
    clock.after(-5, ring("a"));
    const before = rings.length;
    clock.advance(0);
    expect([before, ...rings]).toEqual([0, "a at 0"]);
  });

  it("shows the wall time at which a timer rings", () => {
    const clock = new FakeClock(1_000);
    let shown = 0;
    clock.after(10, () => {
      shown = clock.wallMs();
    });
    clock.advance(100);
    expect(shown).toBe(1_010);
  });

  it("counts the timers that have neither rung nor been called off", () => {
    const clock = new FakeClock();
    clock.after(1, () => {});
    clock.after(2, () => {})();
    clock.after(3, () => {});
    clock.advance(1);
    expect(clock.pendingTimers).toBe(1);
  });

  it("rings a timer of 30 days after 30 days", () => {
    const { clock, rings, ring } = clockWithRecord();
    clock.after(2_592_000_000, ring("a"));
    clock.advance(2_592_000_000);
    expect(rings).toEqual(["a at 2592000000"]);
  });

  it("comes to the same in many small steps as in one", () => {
    const rungWith = (delays: number[], steps: number[]) => {
      const { clock, rings, ring } = clockWithRecord();
      delays.forEach((delayMs, i) => {
        clock.after(delayMs, ring(`${i}`));
      });
      for (const step of steps) clock.advance(step);
      return rings;
    };
    fc.assert(
      fc.property(fc.array(fc.nat(50)), fc.array(fc.nat(20)), (delays, steps) => {
        const atOnce = steps.reduce((sum, step) => sum + step, 0);
        expect(rungWith(delays, [0, ...steps])).toEqual(rungWith(delays, [atOnce]));
      }),
    );
  });
});
