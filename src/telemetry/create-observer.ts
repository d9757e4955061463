import { type Tracer, trace } from "@opentelemetry/api";
import type { OperationObserver } from "../operation/operation-observer.ts";
import type { Clock } from "../time/clock.ts";
import { observedWork } from "./observed-work.ts";
import { attributesOfType } from "./operation-attributes.ts";
import type { OperationMetrics } from "./operation-metrics.ts";
import { spanOfTraceParent, traceParentOf } from "./trace-parent.ts";

/** Makes of what a manager and a service tell spans, links and measurements. */
export function createObserver(tracer: Tracer, metrics: OperationMetrics, clock: Clock): OperationObserver {
  return {
    traceParent: () => traceParentOf(trace.getActiveSpan()?.spanContext()),
    started: (_, type) => metrics.started.add(1, attributesOfType(type)),
    workBegins: (stored, type) => observedWork(stored, type, { tracer, metrics, clock }),
    waitBegins: () => {
      metrics.waits.add(1);
      const beganMs = clock.wallMs();
      const span = trace.getActiveSpan();
      return (stored) => {
        metrics.waits.add(-1);
        const linked = spanOfTraceParent(stored?.traceParent);
        if (linked !== undefined) span?.addLink({ context: linked });
        const { endTimeMs } = stored ?? {};
        // What had ended before the call came, did not keep it waiting.
        if (endTimeMs === undefined || endTimeMs < beganMs) return;
        metrics.wakeDelay.record(Math.max(0, clock.wallMs() - endTimeMs) / 1_000);
      };
    },
    leaseLost: () => metrics.leasesLost.add(1),
    swept: (expired) => {
      metrics.expired.add(expired);
      metrics.sweepBacklog.record(expired);
    },
  };
}
