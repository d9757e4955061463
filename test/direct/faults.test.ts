import { connectNodeAdapter } from "@connectrpc/connect-node";
import { describe, expect, it } from "vitest";
import { openPair } from "./compare.ts";
import { FAULTY_ADAPTERS } from "./faulty-adapters.ts";
import { type Adapter, onNode } from "./stacks.ts";
import { differencesOf, type Topic } from "./topic.ts";
import { FEW_WAYS } from "./ways.ts";

describe("the comparison finds out an adapter that", () => {
  it.each(FAULTY_ADAPTERS)("%s", async (_, adapter, topics) => {
    expect(await whereFoundOut(adapter, topics)).toBeDefined();
  });
});

/** The name of the first case in which an adapter does not answer as Connect's does. */
async function whereFoundOut(adapter: Adapter, topics: readonly Topic[]): Promise<string | undefined> {
  for (const { name: topic, setup, cases } of topics) {
    await using pair = await openPair([onNode(connectNodeAdapter), onNode(adapter)], setup);
    for (const one of cases) {
      const differences = await differencesOf(pair, one, FEW_WAYS);
      if (differences.length > 0) return `${topic} ${one.name}`;
    }
  }
  return undefined;
}
