// An SDK that prints each span as it ends, on a line of its own. Spans are named as W3C's `traceparent` has them.
import { context, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { TracerProvider } from "@opentelemetry/sdk-trace";

const idOf = ({ traceId, spanId }) => `00-${traceId}-${spanId}-01`;

const print = {
  onStart() {},
  onEnd(span) {
    const parent = span.parentSpanContext && idOf(span.parentSpanContext);
    const links = span.links.map((link) => idOf(link.context));
    console.log(JSON.stringify({ span: span.name, id: idOf(span.spanContext()), parent, links }));
  },
  async forceFlush() {},
  async shutdown() {},
};

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
propagation.setGlobalPropagator(new W3CTraceContextPropagator());
trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [print] }));
