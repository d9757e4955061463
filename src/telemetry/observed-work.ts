import { context, ROOT_CONTEXT, SpanKind, SpanStatusCode, type Tracer, trace } from "@opentelemetry/api";
import type { WorkEnd, WorkObserver } from "../operation/operation-observer.ts";
import type { OperationType } from "../operation/operation-type.ts";
import type { StoredOperation } from "../operation/stored-operation.ts";
import type { Clock } from "../time/clock.ts";
import { attributesOfType } from "./operation-attributes.ts";
import type { OperationMetrics } from "./operation-metrics.ts";
import { spanOfTraceParent, traceParentOf } from "./trace-parent.ts";

/** What work is told to. */
export interface WorkInstruments {
  readonly tracer: Tracer;
  readonly metrics: OperationMetrics;
  readonly clock: Clock;
}

/**
 * Makes a span of one attempt at work. It has a trace of its own, because it goes on when the call that started it is
 * over, and a link to what the operation was traced by: the call, or the attempt before this.
 */
export function observedWork(
  stored: StoredOperation,
  operationType: OperationType,
  { tracer, metrics, clock }: WorkInstruments,
): WorkObserver {
  const type = attributesOfType(operationType);
  const before = spanOfTraceParent(stored.traceParent);
  const span = tracer.startSpan(
    "longrunning.work",
    {
      kind: SpanKind.CONSUMER,
      root: true,
      links: before === undefined ? [] : [{ context: before }],
      attributes: {
        ...type,
        "longrunning.operation.name": stored.name,
        "longrunning.work.attempt": stored.attempt,
        ...(stored.work && { "longrunning.work.handler": stored.work.handler }),
      },
    },
    ROOT_CONTEXT,
  );
  const within = trace.setSpan(ROOT_CONTEXT, span);
  metrics.running.add(1, type);
  // Work that goes on has reported before.
  let hasReported = stored.attempt > 1;
  return {
    traceParent: traceParentOf(span.spanContext()),
    within: (begin) => context.with(within, begin),
    reported() {
      if (hasReported) return;
      hasReported = true;
      span.addEvent("first progress");
      metrics.firstProgress.record(Math.max(0, clock.wallMs() - stored.createTimeMs) / 1_000, type);
    },
    ended(end: WorkEnd) {
      metrics.running.add(-1, type);
      metrics.attempts.add(1, { ...type, "longrunning.work.end": end });
      span.setAttribute("longrunning.work.end", end);
      if (end === "failed") span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    },
  };
}
