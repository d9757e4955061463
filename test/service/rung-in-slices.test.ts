import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { RungInSlices } from "../../src/service/rung-in-slices.ts";
import { Bell } from "../../src/store/bell.ts";

/** So many who wait for their bells, and how often each has heard one. */
function listeners(count: number) {
  let heard = 0;
  const bells = Array.from({ length: count }, () => {
    const bell = new Bell();
    const listen = async () => {
      for (;;) {
        await bell.heard();
        heard++;
      }
    };
    void listen();
    return bell;
  });
  return { bells, heard: () => heard };
}

describe("bells that are rung for many at once", () => {
  it("ring some at a time, and others have their turn between", async () => {
    const { bells, heard } = listeners(120);
    const rings = new RungInSlices();
    for (const bell of bells) rings.ring(bell);
    const counts: number[] = [];
    for (let turn = 0; turn < 4; turn++) {
      counts.push(heard());
      await nextTurn();
    }
    expect(counts[0] === 0 && counts.includes(50) && heard() === 120).toBe(true);
  });

  it("ring once for all that happens before their turn", async () => {
    const { bells, heard } = listeners(1);
    const rings = new RungInSlices();
    for (let i = 0; i < 100; i++) for (const bell of bells) rings.ring(bell);
    await nextTurn();
    expect(heard()).toBe(1);
  });

  it("ring again for what happens afterwards", async () => {
    const { bells, heard } = listeners(1);
    const rings = new RungInSlices();
    for (let i = 0; i < 3; i++) {
      for (const bell of bells) rings.ring(bell);
      await nextTurn();
    }
    expect(heard()).toBe(3);
  });
});
