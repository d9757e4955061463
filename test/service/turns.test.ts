import { expect, it } from "vitest";
import { Turns } from "../../src/service/turns.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

it("the first turn is there at once", async () => {
  const order: string[] = [];
  const first = new Turns().next().then(() => order.push("first"));
  const later = nextTurn().then(() => order.push("later"));
  await Promise.all([first, later]);
  expect(order).toEqual(["first", "later"]);
});

it("between two turns the event loop goes round", async () => {
  const turns = new Turns();
  const rounds: number[] = [];
  let round = 0;
  // This one is there at once, and the others after it.
  await turns.next();
  for (const _ of [1, 2, 3]) void turns.next().then(() => rounds.push(round));
  for (; round < 30; round++) await nextTurn();
  const gaps = rounds.slice(1).map((at, i) => at - (rounds[i] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThan(1);
});

it("a turn is there at once again when nobody has had one for a while", async () => {
  const turns = new Turns();
  await turns.next();
  for (let round = 0; round < 10; round++) await nextTurn();
  let isThere = false;
  void turns.next().then(() => {
    isThere = true;
  });
  await Promise.resolve();
  expect(isThere).toBe(true);
});

it("so many have their turn together, and the others after them", async () => {
  const turns = new Turns(3);
  const rounds: number[] = [];
  let round = 0;
  for (let i = 0; i < 7; i++) void turns.next().then(() => rounds.push(round));
  for (; round < 30; round++) await nextTurn();
  const together = Object.values(Object.groupBy(rounds, (at) => at)).map((some) => some?.length);
  expect(together).toEqual([3, 3, 1]);
});

it("between two turns the thread rests while more than a few wait", async () => {
  const clock = new FakeClock();
  const turns = new Turns(1, { crowd: 2, restMs: 5, clock });
  let had = 0;
  for (let i = 0; i < 6; i++) void turns.next().then(() => had++);
  const seen: number[] = [];
  for (let ms = 0; ms < 4; ms++) {
    for (let round = 0; round < 30; round++) await nextTurn();
    seen.push(had);
    clock.advance(5);
  }
  // The first has no others beside it yet; and the last ones are few again.
  expect(seen).toEqual([2, 3, 6, 6]);
});
