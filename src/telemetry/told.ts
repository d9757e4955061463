import { diag } from "@opentelemetry/api";

/**
 * Tells an SDK of something. What it throws (a span processor or a propagator that is broken) goes where OpenTelemetry
 * tells of its own faults, `diag`, and not to whoever makes or answers the call.
 */
export function told<Value>(tell: () => Value): Value | undefined {
  try {
    return tell();
  } catch (fault) {
    diag.error("longrunning: telemetry was refused", fault);
    return undefined;
  }
}
