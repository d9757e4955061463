import { INVALID_SPANID, INVALID_TRACEID, isSpanContextValid, type SpanContext } from "@opentelemetry/api";

const TRACE_PARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** The W3C `traceparent` of a span; undefined where it has none. */
export function traceParentOf(span: SpanContext | undefined): string | undefined {
  if (span === undefined || !isSpanContextValid(span)) return undefined;
  return `00-${span.traceId}-${span.spanId}-${span.traceFlags.toString(16).padStart(2, "0")}`;
}

/** The span that a `traceparent` names; undefined where it is none. */
export function spanOfTraceParent(text: string | undefined): SpanContext | undefined {
  const [, traceId = INVALID_TRACEID, spanId = INVALID_SPANID, flags = ""] =
    TRACE_PARENT.exec(text ?? "") ?? [];
  const span = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return isSpanContextValid(span) ? span : undefined;
}
