import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OpenPair, openPair } from "./compare.ts";
import { PAIRS } from "./stacks.ts";
import { differencesOf, type Topic } from "./topic.ts";
import type { Way } from "./ways.ts";

/** The suite that says that nobody can tell the two servers of a pair from each other, whichever way they are called. */
export function describePair(where: keyof typeof PAIRS, all: readonly Topic[], ways: readonly Way[]): void {
  describe(`${where}, nobody can tell the direct path from Connect's`, () => {
    const topics = all.filter(({ only }) => only === undefined || only === where);
    describe.each(topics)("$name", ({ setup, cases }) => {
      let pair: OpenPair;
      beforeAll(async () => {
        pair = await openPair(PAIRS[where], setup);
      });
      afterAll(() => pair[Symbol.asyncDispose]());

      // Those who dawdle do so by one way after the other.
      it.each(cases)("$name", { timeout: 30_000 + 6_000 * ways.length }, async (one) => {
        expect(await differencesOf(pair, one, ways)).toEqual([]);
      });
    });
  });
}
