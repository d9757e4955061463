import { beforeAll, describe, expect, it } from "vitest";
import { checkConformance, type StartMethod } from "../../src/testing/index.ts";
import { type Fault, openFaultyServer } from "./faulty-server.ts";
import { inTurns } from "./in-turns.ts";
import { listFaults } from "./list-faults.ts";
import { stateFaults } from "./state-faults.ts";
import { waitFaults } from "./wait-faults.ts";

/** So many servers are checked at a time: what takes long is waiting. */
const AT_A_TIME = 10;

const START: StartMethod = {
  method: "longrunning.testing.v1.SimulatorService/SimulateWork",
  succeeds: { duration: "0.4s", steps: 2, payload: "conformance" },
  fails: { duration: "0.1s", error: { code: 9, message: "as it was told to" } },
  lasts: { duration: "600s" },
  refused: { steps: -1 },
};

const FAULTS = { ...stateFaults, ...waitFaults, ...listFaults };

describe("a server with a fault", () => {
  let found: ReadonlyMap<string, Promise<readonly string[]>>;

  beforeAll(() => {
    found = inTurns(Object.entries(FAULTS), AT_A_TIME, ([, [fault]]) => failuresOf(fault));
  });

  it.each(Object.keys(FAULTS))("is found out where %s", { timeout: 600_000 }, async (name) => {
    const [, ...expected] = FAULTS[name] ?? [];
    expect(await found.get(name)).toEqual(expected);
  });
});

it("finds nothing wrong with the server that all these are made of", { timeout: 300_000 }, async () => {
  expect(await failuresOf({})).toEqual([]);
});

async function failuresOf(fault: Fault): Promise<readonly string[]> {
  await using server = await openFaultyServer(fault);
  const { results } = await checkConformance({
    baseUrl: server.url,
    protocol: "grpc",
    start: START,
    patienceMs: 8_000,
  });
  return results.filter(({ outcome }) => outcome === "failed").map(({ id }) => id);
}
