import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { MeterProvider } from "@opentelemetry/api";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { MeterProvider as MeterProviderOfSdk } from "@opentelemetry/sdk-metrics";

/** Where metrics are served. */
export interface MetricsEndpointOptions {
  /** The address to listen on; 127.0.0.1 by default. */
  readonly host?: string | undefined;
  /** The port; 9464 by default, 0 picks a free one. */
  readonly port?: number | undefined;
}

/** Serves metrics as Prometheus reads them. */
export interface MetricsEndpoint extends AsyncDisposable {
  /** `http://127.0.0.1:9464/metrics`, with the port that it has in fact. */
  readonly url: string;
  /** What keeps the measurements: for `createTelemetry`. */
  readonly meterProvider: MeterProvider;
  /** Serves no longer. */
  close(): Promise<void>;
}

/**
 * What is measured in seconds. In Prometheus the unit is part of the name, as OpenTelemetry's collector writes it and
 * this exporter does not.
 */
const IN_SECONDS = [
  "rpc.server.call.duration",
  "rpc.client.call.duration",
  "longrunning.operation.duration",
  "longrunning.operation.first_progress.duration",
  "longrunning.wait.wake_delay",
  "longrunning.store.call.duration",
];

/** More than any monitoring has use for. */
const MOST_CONNECTIONS = 50;

/**
 * Serves metrics on a port of their own, at `/metrics`, so that who may call the services may not read them as well.
 * Rejects where the port is taken.
 */
export async function openMetricsEndpoint(options: MetricsEndpointOptions = {}): Promise<MetricsEndpoint> {
  const { host = "127.0.0.1", port = 9464 } = options;
  const exporter = new PrometheusExporter({
    ...{ preventServerStart: true, withoutScopeInfo: true, withoutTargetInfo: true },
  });
  const views = IN_SECONDS.map((instrumentName) => ({ instrumentName, name: `${instrumentName}_seconds` }));
  const meterProvider = new MeterProviderOfSdk({ readers: [exporter], views });
  const server = createServer((request, response) => answer(exporter, request, response));
  server.maxConnections = MOST_CONNECTIONS;
  // Of processes that share ports, each has a port of its own for what it has measured.
  server.listen({ port, host, exclusive: true });
  await once(server, "listening");
  // What listens on a port has an address with one.
  const { port: own } = server.address() as AddressInfo;
  const close = async () => {
    const closed = server.listening ? once(server, "close") : undefined;
    server.close();
    server.closeAllConnections();
    await closed;
    await meterProvider.shutdown();
  };
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${own}/metrics`,
    meterProvider,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function answer(exporter: PrometheusExporter, request: IncomingMessage, response: ServerResponse): void {
  const [path] = (request.url ?? "").split("?", 1);
  if (path !== "/metrics") response.writeHead(404).end();
  else if (request.method !== "GET") response.writeHead(405, { allow: "GET" }).end();
  else exporter.getMetricsRequestHandler(request, response);
}
