import { UsageError } from "./usage-error.ts";

/** What a server tells of itself, as its flags say. */
export interface TelemetryConfig {
  /** Where metrics are served; undefined: nowhere. Port 0 picks one. */
  readonly metrics: { readonly host: string; readonly port: number } | undefined;
  /** Whether the SDK that Node was started with is told of calls and work. */
  readonly telemetry: boolean;
  readonly logFormat: "text" | "json";
}

export const TELEMETRY_OPTIONS = {
  metrics: { type: "string" },
  telemetry: { type: "boolean" },
  "log-format": { type: "string" },
} as const;

/** What `--help` says of them. */
export const TELEMETRY_USAGE = `  --metrics [HOST:]PORT serve metrics for Prometheus there, at /metrics; of several processes
                        each has a port of its own, counted up (127.0.0.1, and nowhere)
  --telemetry           tell the OpenTelemetry SDK that Node was started with (node --import)
                        of calls and of work
  --log-format FORMAT   text, or json: a line of pino's for each event, with trace ids (text)
`;

/** Reads what is told. Throws a UsageError. */
export function readTelemetry(values: {
  readonly metrics?: string | undefined;
  readonly telemetry?: boolean | undefined;
  readonly "log-format"?: string | undefined;
}): TelemetryConfig {
  const logFormat = values["log-format"] ?? "text";
  if (logFormat !== "text" && logFormat !== "json") {
    throw new UsageError(`--log-format "${logFormat}" is not a format; text and json are`);
  }
  return { metrics: readMetrics(values.metrics), telemetry: values.telemetry === true, logFormat };
}

function readMetrics(text: string | undefined): TelemetryConfig["metrics"] {
  if (text === undefined) return undefined;
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]:|([^:]+):)?(\d{1,5})$/.exec(text) ?? [];
  if (port !== undefined && Number(port) <= 65_535) {
    return { host: bracketed ?? plain ?? "127.0.0.1", port: Number(port) };
  }
  throw new UsageError(`--metrics "${text}" is not an address such as 9464, 10.0.0.1:9464 or [::1]:9464`);
}
