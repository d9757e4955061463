// An SDK that prints each span as it ends, on a line of its own.
import { context, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { TracerProvider } from "@opentelemetry/sdk-trace";

const print = {
  onStart() {},
  onEnd(span) {
    const links = span.links.map((link) => link.context.spanId);
    console.log(JSON.stringify({ span: span.name, id: span.spanContext().spanId, links }));
  },
  async forceFlush() {},
  async shutdown() {},
};

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
propagation.setGlobalPropagator(new W3CTraceContextPropagator());
trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [print] }));
