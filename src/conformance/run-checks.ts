import type { Check, Need } from "./check.ts";
import type { CheckResult, Failed, Passed, Skipped } from "./check-result.ts";
import { CHECKS } from "./checks/all-checks.ts";
import { Deviation, NotApplicable } from "./deviation.ts";
import { PROTOCOL_NAMES } from "./protocol.ts";
import type { World } from "./world.ts";

/** Asks one check after another. None is left out: each has a result. */
export async function* runChecks(
  world: World,
  isChosen: (check: Check) => boolean,
): AsyncIterable<CheckResult> {
  for (const check of CHECKS) {
    if (!isChosen(check)) continue;
    const { id, sentence, level, source } = check;
    yield { id, sentence, level, source, protocol: world.protocol, ...(await resultOf(check, world)) };
  }
}

async function resultOf(check: Check, world: World): Promise<Passed | Failed | Skipped> {
  try {
    const reason = await obstacleTo(check, world);
    if (reason !== undefined) return { outcome: "not applicable", reason };
    await askPatiently(check, world);
    return { outcome: "passed" };
  } catch (error) {
    if (error instanceof NotApplicable) return { outcome: "not applicable", reason: error.message };
    if (error instanceof Deviation) return { outcome: "failed", saw: error.saw, expected: error.expected };
    const saw = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { outcome: "failed", saw, expected: "an answer to the check" };
  }
}

/** A server that is late because it does not keep time is late as often as it is asked. */
const MOST_TRIES = 3;

async function askPatiently(check: Check, world: World): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await check.ask(world);
      return;
    } catch (error) {
      if (!(error instanceof Deviation) || check.isTimed !== true || tries === MOST_TRIES) throw error;
    }
  }
}

/** Why a check cannot be asked; undefined where it can. */
async function obstacleTo({ protocols, needs }: Check, world: World): Promise<string | undefined> {
  if (protocols !== undefined && !protocols.includes(world.protocol)) {
    return `it cannot be asked over ${PROTOCOL_NAMES[world.protocol]}`;
  }
  for (const need of needs) {
    const obstacle = await obstacleOf(need, world);
    if (obstacle !== undefined) return obstacle;
  }
  return undefined;
}

async function obstacleOf(need: Need, world: World): Promise<string | undefined> {
  const { starter } = world;
  switch (need) {
    case "list":
    case "delete":
    case "cancel":
    case "wait":
      return world.missing(need);
    case "request_id":
      return starter.takesRequestId
        ? undefined
        : `requests of ${starter.shown} have no request_id, as far as is known`;
    case "types":
      return starter.declared === "unknown" ? `the schema of ${starter.shown} is not known` : undefined;
    case "credentials":
      return world.hasCredentials ? undefined : "no credentials are given, so none can be left out";
    default:
      return starter.kinds.has(need) ? undefined : `no request is given ${MEANING[need]}`;
  }
}

const MEANING = {
  succeeds: "for an operation that succeeds",
  fails: "for an operation that fails",
  lasts: "for an operation that lasts",
  refused: "for work that cannot start",
} as const;
