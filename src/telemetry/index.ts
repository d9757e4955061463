export type { OperationObserver, WorkEnd, WorkObserver } from "../operation/operation-observer.ts";
export { type PinoLike, type PinoLogger, pinoLogger } from "./pino-logger.ts";
export { createTelemetry, type Telemetry, type TelemetryOptions } from "./telemetry.ts";
