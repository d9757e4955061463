import { describe, expect, it } from "vitest";
import { type CallKind, WAYS } from "./matrix.ts";
import { openSite } from "./open-site.ts";
import { useBrowser } from "./use-browser.ts";

const BY_CONNECT: readonly CallKind[] = ["connect-binary", "connect-json", "grpc-web"];

describe.each(WAYS)("over $name", (way) => {
  const browser = useBrowser(way);

  it.each(way.calls.filter((calls) => BY_CONNECT.includes(calls)))(
    "a page with this package's client hears of each step in one call, by %s",
    async (calls) => {
      await using site = await openSite(browser(), way);
      const tab = await site.open(calls);
      await tab.start({ duration: "3s", steps: 3 });
      await tab.press("Watch");
      for (const steps of ["0", "1", "2", "3"]) {
        await tab.shows("steps", steps);
        site.clock.advance(1_000);
      }
      expect([[...new Set(await tab.shown("steps"))], site.log.calls]).toEqual([
        ["0", "1", "2", "3"],
        ["SimulateWork", "WatchOperations"],
      ]);
    },
  );
});
