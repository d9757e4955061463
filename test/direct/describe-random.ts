import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openPair } from "./compare.ts";
import { RANDOM_SETUPS } from "./random-setups.ts";
import { type SomeCall, someCall } from "./some-call.ts";
import { PAIRS } from "./stacks.ts";

/** The suite that looks for calls by which two servers can be told from each other. Says by which seed it found one. */
export function describeRandom(where: keyof typeof PAIRS, numRuns: number): void {
  describe(`${where}, no call that is made at random tells the direct path from Connect's`, () => {
    it.each(Object.entries(RANDOM_SETUPS))("%s", { timeout: 60_000 + 50 * numRuns }, async (_, setup) => {
      await using pair = await openPair(PAIRS[where], setup);
      const isSame = async ({ call, isHeard }: SomeCall) => {
        expect(await pair.difference(call, { notesOnly: !isHeard })).toBeUndefined();
      };
      await fc.assert(fc.asyncProperty(someCall, isSame), { numRuns });
    });
  });
}
