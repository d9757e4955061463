import type { HandlerContext } from "@connectrpc/connect";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { Health } from "../../gen/health/v1/health_pb.ts";
import { type LimitScope, tooManyCalls } from "../operation/errors.ts";
import type { PrincipalOf } from "../service/operations-service.ts";

/** How often a server may be called. Any number of times by default. */
export interface RateOptions {
  /** How many calls all callers together may make in a second. */
  readonly maxCallsPerSecond?: number | undefined;
  /** How many calls one principal may make in a second. */
  readonly maxCallsPerSecondPerPrincipal?: number | undefined;
}

interface Limit {
  readonly scope: LimitScope;
  readonly limiter: RateLimiterMemory;
}

/** A gate of Connect's: it runs before the body of a call is read, and throws what the call is refused with. */
export type Gate = (context: HandlerContext) => void | Promise<void>;

/** The gates that let through as many calls a second as may be made; undefined where any number may. */
export interface RateGates {
  /** Counts every call, before anybody asks who makes it. Health checks are not counted. */
  readonly ofAll: Gate | undefined;
  /** Counts a call for its principal, who must be known by then. */
  readonly ofPrincipal: Gate | undefined;
}

/** Makes the gates of a server. */
export function rateGates(options: RateOptions, principalOf: PrincipalOf): RateGates {
  return {
    ofAll: gateOf("process", options.maxCallsPerSecond, () => ""),
    ofPrincipal: gateOf("principal", options.maxCallsPerSecondPerPrincipal, principalOf),
  };
}

function gateOf(
  scope: LimitScope,
  points: number | undefined,
  keyOf: (context: HandlerContext) => string | undefined,
): Gate | undefined {
  const limit = limitOf(scope, points);
  if (limit === undefined) return undefined;
  return async (context) => {
    const key = context.service.typeName === Health.typeName ? undefined : keyOf(context);
    if (key !== undefined) await count(limit, key);
  };
}

/** One gate behind another; undefined where there is none. */
export function inTurn(...gates: readonly (Gate | undefined)[]): Gate | undefined {
  const given = gates.filter((gate) => gate !== undefined);
  if (given.length < 2) return given[0];
  return (context) => passing(given, context);
}

/** Passes one gate after the other, and waits only for those that do not know at once. */
function passing(gates: readonly Gate[], context: HandlerContext): void | Promise<void> {
  for (const [i, gate] of gates.entries()) {
    const passed = gate(context);
    if (passed !== undefined) return Promise.resolve(passed).then(() => passing(gates.slice(i + 1), context));
  }
}

function limitOf(scope: LimitScope, points: number | undefined): Limit | undefined {
  return points === undefined
    ? undefined
    : { scope, limiter: new RateLimiterMemory({ points, duration: 1 }) };
}

async function count({ scope, limiter }: Limit, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused;
    throw tooManyCalls(scope, limiter.points, Math.max(1, Math.ceil(refused.msBeforeNext / 1_000)));
  }
}
