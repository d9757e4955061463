import { debugText } from "./debug-text.ts";
import { faultText } from "./fault-text.ts";
import type { Invocation } from "./invocation.ts";

/** Says in one line what went wrong, and with `--debug` the rest. */
export function tellFault(run: Invocation, error: unknown): void {
  run.screen.say(run.redacted(faultText(error, run.settings)));
  tellRest(run, error);
}

/** With `--debug`, says all that is known of an error. */
export function tellRest(run: Invocation, error: unknown): void {
  if (run.flags.debug) run.screen.say(run.redacted(debugText(error)));
}
