import type { Check } from "./check.ts";
import type { CheckResult, ConformanceReport } from "./check-result.ts";
import { CHECKS } from "./checks/all-checks.ts";
import { chooseStart, presetOf } from "./choose-start.ts";
import type { ConformanceOptions } from "./conformance-options.ts";
import { Run } from "./run.ts";
import { openTarget } from "./target.ts";
import { ConformanceUsageError } from "./usage-error.ts";

/**
 * Asks a google.longrunning server, in whatever language it is written, what operations.proto and the AIPs ask of it.
 * It starts operations of its own, and cancels and deletes them again. A deviation is a result, and not an error.
 *
 * Throws a ConformanceUsageError where nothing can be asked: nobody answers, or it is not known how operations are
 * started there.
 */
export async function checkConformance(options: ConformanceOptions): Promise<ConformanceReport> {
  const isChosen = chosenBy(options.only);
  using target = await openTarget(options);
  const preset = options.start === undefined ? await presetOf(target.reflection) : undefined;
  const start = options.start ?? preset?.start;
  if (start === undefined) throw new ConformanceUsageError("it is not known how operations are started");
  const chosen = typeof start === "function" ? start : await chooseStart(start, target.reflection);
  const run = new Run(options, preset, target, chosen);
  const protocols = await run.protocols();
  const results: CheckResult[] = [];
  for (const protocol of protocols) {
    for await (const result of run.check(protocol, isChosen)) {
      results.push(result);
      options.onResult?.(result);
    }
  }
  const conforms = !results.some(({ outcome, level }) => outcome === "failed" && level === "must");
  return { target: target.shown, protocols, results, calls: run.calls, conforms };
}

/** Which checks are asked. Throws a ConformanceUsageError for a name that is none's. */
function chosenBy(only: readonly string[] | undefined): (check: Check) => boolean {
  if (only === undefined || only.length === 0) return () => true;
  const isNamed = (check: Check, name: string) => check.id === name || check.id.startsWith(`${name}/`);
  for (const name of only) {
    if (!CHECKS.some((check) => isNamed(check, name))) {
      throw new ConformanceUsageError(`"${name}" is neither a check nor a topic; --list lists them`);
    }
  }
  return (check) => only.some((name) => isNamed(check, name));
}
