import { beforeAll, describe, expect, it } from "vitest";
import { type Case, runConformance, type Stack } from "./run.ts";
import { RUNNER_VERSION } from "./runner.ts";

/**
 * How calls are made, how many of them this version of the runner makes for our features, and how many of these end
 * with an error that our server completes.
 */
const WAYS: readonly (readonly [way: string, calls: number, completed: number])[] = [
  ["Connect over HTTP/1.1", 678, 534],
  ["Connect over HTTP/2", 852, 634],
  ["gRPC over HTTP/2", 696, 478],
  ["gRPC over HTTP/2, by grpc-go's client", 180, 122],
  ["gRPC-Web over HTTP/1.1", 538, 394],
  ["gRPC-Web over HTTP/2", 696, 478],
];

/** Plain connect-node never answers some of these over HTTP/2: it does not read on what it has refused. */
const MESSAGE_SIZE = "Server Message Size";

/** What the runner finds where an error has one detail more, or two, and what it says of types that it has not. */
const ADDED = /^(?:; )?actual error contain (\d+) details; expecting (\d+)$/;
// Which kind of space Go has behind "proto:" depends on how the runner was built.
const UNKNOWN_DEBUG =
  /^connect error JSON: details\[\d\]: could not check debug data because message type "google\.rpc\.(?:ErrorInfo|BadRequest)" could not be resolved: proto:\snot found$/;

describe(`connectconformance ${RUNNER_VERSION}, with errors as handlers make them`, () => {
  const cases = casesOf("bare-errors");

  it.each(WAYS)("has every call right: %s (%i calls)", (way, calls) => {
    const made = cases().filter(({ name }) => wayOf(name) === way);
    const wrong = made.filter(({ faults }) => faults.length > 0);
    expect({ calls: made.length, wrong }).toEqual({ calls, wrong: [] });
  });
});

describe.each([
  ["serve", "by the direct path"],
  ["no-direct", "by Connect's own handlers"],
] as const)(
  `connectconformance ${RUNNER_VERSION}, with errors as this server completes them`,
  (stack, path) => {
    const cases = casesOf(stack);

    it.each(WAYS)(
      `finds nothing but details more, ${path}: %s (%i calls, %i errors)`,
      (way, calls, completed) => {
        const made = cases().filter(({ name }) => wayOf(name) === way);
        const found = made.filter(({ faults }) => faults.length > 0);
        const wrong = found.filter(({ faults }) => !faults.every(isAddedDetail));
        expect({ calls: made.length, completed: found.length, wrong }).toEqual({
          calls,
          completed,
          wrong: [],
        });
      },
    );
  },
);

describe(`connectconformance ${RUNNER_VERSION}, with connect-node alone`, () => {
  const cases = casesOf("connect-node", [`${MESSAGE_SIZE}/**`]);

  it("has every call right but those of messages that are too large, which it is spared", () => {
    expect(cases().filter(({ faults }) => faults.length > 0)).toEqual([]);
  });
});

function casesOf(stack: Stack, skip: readonly string[] = []): () => readonly Case[] {
  let cases: readonly Case[] = [];
  beforeAll(async () => {
    cases = await runConformance(stack, skip);
  });
  return () => cases;
}

/** Names tell of the protocol; of a suite for one protocol, the suite does. */
function wayOf(name: string): string {
  const [suite = ""] = name.split("/");
  const of = /Protocol:PROTOCOL_(\w+)/.exec(name)?.[1] ?? /^(Connect|gRPC-Web|gRPC) /.exec(suite)?.[1];
  const protocol = of
    ?.toLowerCase()
    .replace("_", "-")
    .replace("grpc-web", "gRPC-Web")
    .replace("grpc", "gRPC")
    .replace("connect", "Connect");
  const version = name.includes("HTTPVersion:1") ? "1.1" : "2";
  const client = name.includes("(grpc client impl)") ? ", by grpc-go's client" : "";
  return `${protocol} over HTTP/${version}${client}`;
}

function isAddedDetail(fault: string): boolean {
  if (UNKNOWN_DEBUG.test(fault)) return true;
  const [, actual, expected] = ADDED.exec(fault) ?? [];
  return [1, 2].includes(Number(actual) - Number(expected));
}
