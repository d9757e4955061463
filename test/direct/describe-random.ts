import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openPair } from "./compare.ts";
import { shownHeaders, turns } from "./journal.ts";
import { type SomeCall, someCall } from "./some-call.ts";
import { PAIRS, type Setup } from "./stacks.ts";

const SETUPS: Readonly<Record<string, Setup>> = {
  "with nothing around handlers": {},
  "with limits, a gate and an interceptor": {
    serve: { readMaxBytes: 250 },
    connect: (journal) => ({
      ...{ readMaxBytes: 250, writeMaxBytes: 2_000, compressMinBytes: 50, maxTimeoutMs: 600_000 },
      requireConnectProtocolHeader: true,
      requestGate: async (context) => {
        journal.note("gate", shownHeaders(context.requestHeader));
        await turns(1);
      },
      interceptors: [
        (next) => async (request) => {
          journal.note("interceptor", shownHeaders(request.header));
          const response = await next(request);
          response.header.set("x-interceptor", "passed");
          return response;
        },
      ],
    }),
  },
};

/** The suite that looks for calls by which two servers can be told from each other. Says by which seed it found one. */
export function describeRandom(where: keyof typeof PAIRS, numRuns: number): void {
  describe(`${where}, no call that is made at random tells the direct path from Connect's`, () => {
    it.each(Object.entries(SETUPS))("%s", { timeout: 60_000 + 50 * numRuns }, async (_, setup) => {
      await using pair = await openPair(PAIRS[where], setup);
      const isSame = async ({ call, isHeard }: SomeCall) => {
        expect(await pair.difference(call, { notesOnly: !isHeard })).toBeUndefined();
      };
      await fc.assert(fc.asyncProperty(someCall, isSame), { numRuns });
    });
  });
}
