import { context, propagation, type SpanContext, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import {
  AggregationTemporality,
  type DataPoint,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { createTelemetry } from "../../src/telemetry/telemetry.ts";
import type { Clock } from "../../src/time/clock.ts";
import { until } from "../until.ts";

/** As an SDK that was started before everything else: contexts follow what is awaited, and go by W3C's headers. */
export function registerContexts(): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
}

/** Telemetry, and all that it has been told. */
export function collectTelemetry(clock?: Clock) {
  const spans = new InMemorySpanExporter();
  const tracerProvider = new TracerProvider({
    spanProcessors: [new SimpleSpanProcessor({ exporter: spans })],
  });
  const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: 3_600_000 });
  const meterProvider = new MeterProvider({ readers: [reader] });
  const collected = async () => {
    metrics.reset();
    await reader.forceFlush();
    return metrics.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
  };
  return {
    telemetry: createTelemetry({ tracerProvider, meterProvider, clock }),
    tracer: tracerProvider.getTracer("test"),
    /** The spans of that name that have ended. */
    spans: (name: string) => spans.getFinishedSpans().filter((span) => span.name === name),
    /** The first span of that name, once it has ended. */
    async span(name: string): Promise<ReadableSpan> {
      await until(async () => spans.getFinishedSpans().some((span) => span.name === name));
      const [span] = spans.getFinishedSpans().filter((span) => span.name === name);
      if (span === undefined) throw new Error(`there is no span "${name}"`);
      return span;
    },
    /** What is measured under that name: its attributes, and a number or how many there were. */
    async measured(name: string): Promise<{ attributes: object; value: number }[]> {
      const metric = (await collected()).find(({ descriptor }) => descriptor.name === name);
      const points: readonly DataPoint<number | { readonly count: number }>[] = metric?.dataPoints ?? [];
      return points.map(({ attributes, value }) => ({
        attributes,
        value: typeof value === "number" ? value : value.count,
      }));
    },
    /** The unit of what is measured under that name. */
    async unitOf(name: string): Promise<string | undefined> {
      return (await collected()).find(({ descriptor }) => descriptor.name === name)?.descriptor.unit;
    },
  };
}

/** The ids of a span, as a W3C `traceparent` has them. */
export function traceParent({ traceId, spanId }: SpanContext): string {
  return `00-${traceId}-${spanId}-01`;
}

/** The `traceparent` of the span in which this is called. */
export function activeTraceParent(): string | undefined {
  const span = trace.getActiveSpan()?.spanContext();
  return span && traceParent(span);
}
