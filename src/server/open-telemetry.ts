import type { Telemetry } from "../telemetry/telemetry.ts";
import type { TelemetryConfig } from "./telemetry-flags.ts";
import { UsageError } from "./usage-error.ts";

/** What a process measures, and where it is told. */
export interface OpenTelemetry extends AsyncDisposable {
  readonly telemetry: Telemetry;
  /** Where metrics are served; undefined: nowhere. */
  readonly url: string | undefined;
}

/**
 * Opens what the flags ask for; undefined where that is nothing. `index` is which of the processes of a server this
 * is, from 0 on. Throws a UsageError where it needs a package that is not installed.
 */
export async function openTelemetry(
  { metrics, telemetry: isTold }: TelemetryConfig,
  index: number,
): Promise<OpenTelemetry | undefined> {
  if (metrics === undefined) return isTold ? await openTold() : undefined;
  const { openMetricsEndpoint } = await loadMetricsEndpoint();
  const { createTelemetry } = await loadTelemetry();
  const port = metrics.port === 0 ? 0 : metrics.port + index;
  const endpoint = await openMetricsEndpoint({ ...metrics, port }).catch((error: Error) => {
    throw new UsageError(`--metrics cannot be served there: ${error.message}`);
  });
  return {
    telemetry: createTelemetry({ meterProvider: endpoint.meterProvider }),
    url: endpoint.url,
    [Symbol.asyncDispose]: () => endpoint.close(),
  };
}

async function openTold(): Promise<OpenTelemetry> {
  const { createTelemetry } = await loadTelemetry();
  return { telemetry: createTelemetry(), url: undefined, [Symbol.asyncDispose]: async () => {} };
}

/** Only who uses it needs OpenTelemetry's API. */
async function loadTelemetry() {
  try {
    return await import("../telemetry/telemetry.ts");
  } catch (error) {
    throw missing("--telemetry", ["@opentelemetry/api"], error);
  }
}

/** Only who serves metrics needs an SDK. */
async function loadMetricsEndpoint() {
  try {
    return await import("../telemetry/prometheus/metrics-endpoint.ts");
  } catch (error) {
    const packages = [
      "@opentelemetry/api",
      "@opentelemetry/sdk-metrics",
      "@opentelemetry/exporter-prometheus",
    ];
    throw missing("--metrics", packages, error);
  }
}

function missing(flag: string, packages: readonly string[], error: unknown): unknown {
  const isMissing = error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
  if (!isMissing) return error;
  const names = packages.map((name) => `"${name}"`).join(", ");
  const what = packages.length === 1 ? "package" : "packages";
  return new UsageError(`${flag} needs the npm ${what} ${names}; npm install ${packages.join(" ")}`);
}
