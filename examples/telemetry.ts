import { once } from "node:events";
import { createOperations, MemoryStore, serve } from "longrunning";
import { openMetricsEndpoint } from "longrunning/prometheus";
import { createTelemetry, pinoLogger } from "longrunning/telemetry";
import { createSimulatorService, SimulateWork, SimulatorService } from "longrunning/testing";
import { pino } from "pino";

const [port = "8080", metricsPort = "9464"] = process.argv.slice(2);

await using metrics = await openMetricsEndpoint({ port: Number(metricsPort) });
const telemetry = createTelemetry({ meterProvider: metrics.meterProvider });
const logger = pinoLogger(pino());

await using store = telemetry.observedStore(new MemoryStore());
await using operations = createOperations({
  store,
  logger,
  observer: telemetry.observer,
  methods: [[SimulatorService.method.simulateWork, SimulateWork]],
});
await using server = await serve({
  operations,
  logger,
  port: Number(port),
  connect: { interceptors: [telemetry.serverInterceptor] },
  routes: (router) => router.service(SimulatorService, createSimulatorService(operations.manager)),
});
logger.info(`listening on ${server.url}, metrics on ${metrics.url}`);
await once(process, "SIGTERM");
