import { describe, expect, it } from "vitest";
import { ProgressDisplay } from "../../src/cli/progress-display.ts";
import type { OperationSummary } from "../../src/summary/operation-summary.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";

/** A display, and what is shown by it: a line may be said each 5 seconds. */
function openDisplay(canDraw: boolean) {
  const clock = new FakeClock();
  const shown: string[] = [];
  const show = (line: string) => void shown.push(line);
  const screen = { canDraw, columns: 80, hasColour: false, print: show, say: show, draw: show };
  return { clock, shown, display: new ProgressDisplay(screen, clock, 5_000) };
}

function at(percent: number): OperationSummary {
  const progress = { percent, units: undefined, unit: undefined, message: undefined };
  return { state: "RUNNING", progress } as OperationSummary;
}

const percentOf = (line: string) => /(\d+)%/.exec(line)?.[1];

describe("lines of progress", () => {
  it("say at once what is new after a while", () => {
    const { clock, shown, display } = openDisplay(false);
    display.show(at(1));
    clock.advance(5_000);
    display.show(at(2));
    expect(shown.map(percentOf)).toEqual(["1", "2"]);
  });

  it("are said no more often than they may, and then tell the latest", () => {
    const { clock, shown, display } = openDisplay(false);
    for (const percent of [1, 2, 3, 4]) display.show(at(percent));
    clock.advance(5_000);
    expect(shown.map(percentOf)).toEqual(["1", "4"]);
  });

  it("are not said where nothing is new", () => {
    const { clock, shown, display } = openDisplay(false);
    for (const percent of [1, 2, 1]) display.show(at(percent));
    clock.advance(60_000);
    expect(shown.map(percentOf)).toEqual(["1"]);
  });
});

describe("a bar", () => {
  it("moves at once, and ten times a second at most", () => {
    const { clock, shown, display } = openDisplay(true);
    for (let percent = 1; percent <= 20; percent++) {
      display.show(at(percent));
      clock.advance(10);
    }
    expect(shown.map(percentOf)).toEqual(["1", "10", "20"]);
  });

  it("tells each second how long it was waited, though nothing happens", () => {
    const { clock, shown, display } = openDisplay(true);
    display.show(at(1));
    clock.advance(3_000);
    expect(shown.map((line) => line.replace(/.*% {2}/, ""))).toEqual([0, 1, 2, 3].map((s) => `${s}s so far`));
  });

  it("tells the time that is left by what was done in all that time", () => {
    const { clock, shown, display } = openDisplay(true);
    display.show(at(0));
    clock.advance(2_500);
    display.show(at(20));
    expect(shown.at(-1)).toContain("ETA 10s");
  });

  it("tells no rate of what came within a second", () => {
    const { clock, shown, display } = openDisplay(true);
    display.show(at(0));
    clock.advance(100);
    display.show(at(1));
    expect(shown.at(-1)).toContain("0s so far");
  });
});

it.each([true, false])("shows nothing more after its end, and leaves no timer: %s", (canDraw) => {
  const { clock, display } = openDisplay(canDraw);
  display.show(at(1));
  display.show(at(2));
  display.end();
  expect(clock.pendingTimers).toBe(0);
});
