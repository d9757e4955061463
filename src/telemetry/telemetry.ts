import type { Interceptor } from "@connectrpc/connect";
import { type MeterProvider, metrics, type TracerProvider, trace } from "@opentelemetry/api";
import type { OperationObserver } from "../operation/operation-observer.ts";
import type { OperationStore } from "../store/operation-store.ts";
import { type Clock, systemClock } from "../time/clock.ts";
import { createObserver } from "./create-observer.ts";
import { ObservedStore } from "./observed-store.ts";
import { OperationMetrics } from "./operation-metrics.ts";
import { rpcDuration } from "./rpc-duration.ts";
import { clientInterceptor, serverInterceptor } from "./rpc-interceptor.ts";

/** Who keeps what is measured. */
export interface TelemetryOptions {
  /** Who keeps spans. The global one of `@opentelemetry/api` by default. */
  readonly tracerProvider?: TracerProvider | undefined;
  /** Who keeps measurements. The global one of `@opentelemetry/api` by default. */
  readonly meterProvider?: MeterProvider | undefined;
  /** The machine's clock by default. */
  readonly clock?: Clock | undefined;
}

/** What is put where it can see: nothing is measured of what it was not put into. */
export interface Telemetry {
  /** For `createOperations`, or a manager and a service of your own: work, waits, leases and sweeps. */
  readonly observer: OperationObserver;
  /** For `connect.interceptors` of `serve`, or of any router: a span and a measurement of each call. */
  readonly serverInterceptor: Interceptor;
  /** For the transport of a client: the same, and the server is told of the span. */
  readonly clientInterceptor: Interceptor;
  /**
   * A store that measures each call, and the operations that end. Whoever disposes of it disposes of
   * the one behind it.
   */
  observedStore(store: OperationStore): OperationStore;
}

/** The name of the instrumentation scope. */
const SCOPE = "longrunning";

/**
 * Spans and metrics by OpenTelemetry (docs/telemetry.md). An SDK that is to be found as the global one must be
 * registered before.
 */
export function createTelemetry(options: TelemetryOptions = {}): Telemetry {
  const tracer = (options.tracerProvider ?? trace).getTracer(SCOPE);
  const meter = (options.meterProvider ?? metrics).getMeter(SCOPE);
  const clock = options.clock ?? systemClock;
  const operations = new OperationMetrics(meter);
  return {
    observer: createObserver(tracer, operations, clock),
    serverInterceptor: serverInterceptor({ tracer, clock, duration: rpcDuration(meter, "server") }),
    clientInterceptor: clientInterceptor({ tracer, clock, duration: rpcDuration(meter, "client") }),
    observedStore: (store) => new ObservedStore(store, operations, clock),
  };
}
